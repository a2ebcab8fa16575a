import ActorSystem
import Commerce
import EventSourcing
import Inventory
import StepTesting
import Steps

let samples: [StepSample] = ofStock + ofCarts

private let conditions = Preconditions(ifMatch: "\"7\"", ifNoneMatch: "\"8\"")
private let ofStock: [StepSample] = [
    .step("receive", ChangeStock(mug, .receive(12, reference: "D-1"), key: key, requiresStock: true)),
    .step("adjust", ChangeStock(mug, .adjust(delta: -3, reason: .damage))),
    .step("set", ChangeStock(mug, .set(to: 9, expected: 7, reason: .other("found")), if: conditions)),
    .step("release", ChangeStock(mug, .release(.manual(hold)))),
    .step("fulfill", ChangeStock(mug, .fulfill(.order(order)))),
    .answer(ChangeStock.self, "document", .document(Array("{}".utf8)), isOpenEnded: true),
    .refusal(ChangeStock.self, "key-reused", .keyReused),
    .refusal(ChangeStock.self, "unknown-sku", .unknownSKU),
    .refusal(ChangeStock.self, "insufficient-stock", .stock(.insufficientStock(available: 3))),
    .refusal(ChangeStock.self, "reservation-not-held", .stock(.reservationNotHeld)),
    .refusal(ChangeStock.self, "reservation-conflict", .stock(.reservationConflict(units: 3))),
    .refusal(ChangeStock.self, "stale", .stock(.stale(onHand: 3))),
    .refusal(ChangeStock.self, "below-reserved", .stock(.wouldGoBelowReserved(reserved: 3))),
    .refusal(ChangeStock.self, "quantity-zero", .stock(.quantityZero)),
    .refusal(ChangeStock.self, "deadline-passed", .stock(.deadlinePassed)),
    .refusal(ChangeStock.self, "on-hand", .stock(.limitExceeded(.onHand))),
    .refusal(ChangeStock.self, "holds", .stock(.limitExceeded(.holds))),
    .refusal(ChangeStock.self, "reference", .stock(.limitExceeded(.reference))),
    .refusal(ChangeStock.self, "note", .stock(.limitExceeded(.note))),
]
private let ofCarts: [StepSample] = [
    .step("set", ChangeCart(of: customer, .setItem(mug, 2), if: conditions)),
    .step("add", ChangeCart(of: customer, .addItem(mug, 2), key: key)),
    .step("remove", ChangeCart(of: customer, .removeItem(mug))),
    .step("clear", ChangeCart(of: customer, .clear)),
    .refusal(ChangeCart.self, "key-reused", .keyReused),
    .refusal(ChangeCart.self, "too-many-lines", .cart(.tooManyLines)),
    .refusal(ChangeCart.self, "too-large", .cart(.quantityTooLarge)),
    .refusal(ChangeCart.self, "zero", .cart(.quantityZero)),
]

let mug = SKU("35004C")!
let customer = CustomerID(at: .noon, slot: Slot(7), random: 1 << 40)
let order = OrderID(at: .noon, slot: Slot(7), random: 2 << 40)
let hold = HoldID(at: .noon, slot: Slot(3), random: 3 << 40)
let key = StepKey(
    id: IdempotencyKeyID(slot: mug.slot, digest: digest(0x11)), fingerprint: digest(0x22))

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }

extension Timestamp {
    static let noon = Timestamp(milliseconds: 1_700_000_000_000)
}
