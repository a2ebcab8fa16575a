import ActorSystem
import Commerce
import EventSourcing
import StepTesting
import Steps

@testable import Inventory

extension StepSample {
    static let all = ofStock + ofReservations + ofReceipts + ofCarts + ofGuests

    private static let conditions = Preconditions(ifMatch: "\"7\"", ifNoneMatch: "\"8\"")
    private static let failure = ConditionFailure(condition: .ifMatch, current: nil)
    private static let count = StockCount(sku: mug, onHand: 12, reserved: 5, version: 300)!
    private static let reserved = ReservedUnits(hold: hold, units: 4, until: .noon, stock: count)
    private static let refused: [ReceiptOutcome] = [
        .refused(.unknownSKU), .refused(.hasMoved(onHand: 9)), .refused(.stock(.limitExceeded(.onHand))),
    ]
    private static let cart: Versioned<Cart> = {
        var cart = Cart(id: customer)
        cart.apply(.itemSet(mug, 2))
        guard let cart = try? Versioned.sample(cart, of: customer, version: 1, index: 300) else {
            fatalError("a cart is read")
        }
        return cart
    }()
    private static let ofGuests: [StepSample] = [
        .step("add", ChangeGuestCart(ChangeCart(of: customer, .addItem(mug, 2), key: key))),
        .answer(ChangeGuestCart.self, "changed", CartAnswer(cart: cart, isRepeated: false)),
        .refusal(ChangeGuestCart.self, "too-many-lines", .cart(.tooManyLines)),
        .refusal(ChangeGuestCart.self, "handed-over", .cart(.handedOver)),
        .step("hand-over", HandOverCart(of: customer, to: CustomerID(at: .noon, slot: Slot(8), random: 9 << 40))),
        .answer(HandOverCart.self, "lines", HandedOverLines(lines: [CartLine(sku: mug, quantity: 200)])),
        .step("merge", MergeCart([CartLine(sku: mug, quantity: 200)], into: customer, key: key)),
        .answer(
            MergeCart.self, "merged",
            MergeAnswer(
                cart: cart, cuts: [.init(sku: mug, wanted: 1_000_001, quantity: 1_000_000)], isRepeated: false)),
        .answer(MergeCart.self, "repeated", MergeAnswer(cart: cart, cuts: [], isRepeated: true)),
    ]
    private static let ofStock: [StepSample] = [
        .step("receive", ChangeStock(mug, .receive(12, reference: "D-1"), key: key, requiresStock: true)),
        .step("adjust", ChangeStock(mug, .adjust(delta: -3, reason: .damage))),
        .step("set", ChangeStock(mug, .set(to: 9, expected: 7, reason: .other("found")), if: conditions)),
        .step("release", ChangeStock(mug, .release(.manual(hold)))),
        .step("fulfill", ChangeStock(mug, .fulfill(.order(order)))),
        .answer(ChangeStock.self, "changed", .changed(count, isRepeated: false)),
        .answer(ChangeStock.self, "repeated", .changed(count, isRepeated: true)),
        .answer(ChangeStock.self, "document", .document(Array("{}".utf8))),
        .refusal(ChangeStock.self, "key-reused", .keyReused),
        .refusal(ChangeStock.self, "unknown-sku", .unknownSKU),
        .refusal(ChangeStock.self, "if-match", .condition(failure)),
        .refusal(
            ChangeStock.self, "if-none-match",
            .condition(ConditionFailure(condition: .ifNoneMatch, current: EntityTag(version: 8)))),
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
    private static let ofReservations: [StepSample] = [
        .step("reserve", ReserveStock(mug, 4, as: hold, seconds: 600, if: conditions, key: key, requiresStock: true)),
        .answer(ReserveStock.self, "reserved", .reserved(reserved, isRepeated: false)),
        .answer(ReserveStock.self, "repeated", .reserved(reserved, isRepeated: true)),
        .answer(ReserveStock.self, "document", .document(Array("{}".utf8), location: "/r/1")),
        .refusal(ReserveStock.self, "key-reused", .keyReused),
    ]
    private static let ofReceipts: [StepSample] = [
        .step("claim", ClaimReceipts(key)),
        .answer(ClaimReceipts.self, "done", Done()),
        .refusal(ClaimReceipts.self, "key-reused", KeyReused()),
        .step(
            "receive",
            ReceiveStock(
                [
                    .init(mug, 12, reference: "D-1", isInitial: false, requiresStock: true),
                    .init(mug, 3, reference: nil, isInitial: true, requiresStock: false),
                ], on: Slot(3), key: key)),
        .answer(ReceiveStock.self, "received", ReceiptAnswer(outcomes: [.received(count)], isRepeated: false)),
        .answer(ReceiveStock.self, "refused", ReceiptAnswer(outcomes: refused, isRepeated: true)),
        .answer(
            ReceiveStock.self, "document",
            ReceiptAnswer(outcomes: [.document(Array("{}".utf8))], isRepeated: true)),
        .refusal(ReceiveStock.self, "key-reused", KeyReused()),
    ]
    private static let ofCarts: [StepSample] = [
        .step("set", ChangeCart(of: customer, .setItem(mug, 2), if: conditions)),
        .step("add", ChangeCart(of: customer, .addItem(mug, 2), key: key)),
        .step("remove", ChangeCart(of: customer, .removeItem(mug))),
        .step("clear", ChangeCart(of: customer, .clear)),
        .answer(ChangeCart.self, "changed", CartAnswer(cart: cart, isRepeated: false)),
        .answer(ChangeCart.self, "repeated", CartAnswer(cart: cart, isRepeated: true)),
        .refusal(ChangeCart.self, "key-reused", .keyReused),
        .refusal(ChangeCart.self, "if-match", .condition(failure)),
        .refusal(ChangeCart.self, "too-many-lines", .cart(.tooManyLines)),
        .refusal(ChangeCart.self, "too-large", .cart(.quantityTooLarge)),
        .refusal(ChangeCart.self, "zero", .cart(.quantityZero)),
    ]
}

let mug = SKU("35004C")!
let customer = CustomerID(at: .noon, slot: Slot(7), random: 1 << 40)
let order = OrderID(at: .noon, slot: Slot(7), random: 2 << 40)
let hold = HoldID(at: .noon, slot: Slot(3), random: 3 << 40)
let key = StepKey(
    id: IdempotencyKeyID(slot: mug.slot, digest: digest(0x11)), fingerprint: digest(0x22))

func digest(_ byte: UInt8) -> Digest256 { Digest256([UInt8](repeating: byte, count: 32))! }
