import ActorSystem
import Commerce
import EventSourcing
import StepTesting
import Steps
import Testing

@testable import Inventory

@Suite("A guest's cart") struct MergeTests {
    private static let account = CustomerID(at: .noon, slot: Slot(8), random: 9 << 40)
    private static let key = StepKey(
        id: IdempotencyKeyID(slot: account.slot, digest: digest(0x11)), fingerprint: digest(0x11))

    private static func bench() async throws -> StepBench {
        let bench = StepBench.ofInventory
        _ = try await bench.run(ChangeGuestCart(ChangeCart(of: customer, .addItem(mug, 2)))).get()
        return bench
    }

    @Test("goes into an account's cart once, however often and whenever that is asked for")
    func once() async throws {
        let bench = try await Self.bench()
        _ = try await bench.run(ChangeCart(of: Self.account, .addItem(mug, 999_999))).get()
        for round in 0..<3 {
            let lines = try await bench.run(HandOverCart(of: customer, to: Self.account)).get().lines
            #expect(lines == [CartLine(sku: mug, quantity: 2)])
            let answer = try await bench.run(MergeCart(lines, into: Self.account, key: Self.key)).get()
            #expect(answer.isRepeated == (round > 0))
            #expect(answer.cuts == [.init(sku: mug, wanted: 1_000_001, quantity: 1_000_000)])
            #expect(answer.cart.state.quantity(of: mug) == 1_000_000)
        }
        let other = HandOverCart(of: customer, to: CustomerID(at: .noon, slot: Slot(8), random: 5))
        #expect(try await bench.run(other) == .failure(.cart(.handedOver)))
        let change = ChangeGuestCart(ChangeCart(of: customer, .addItem(mug, 1)))
        await #expect(throws: CartRefusal.cart(.handedOver)) { try await bench.run(change).get() }
    }

    @Test("is told no more before the key is forgotten that keeps it from being put in twice")
    func late() async throws {
        let bench = try await Self.bench()
        _ = try await bench.run(HandOverCart(of: customer, to: Self.account)).get()
        let late = try await bench.shards.run(
            HandOverCart(of: customer, to: Self.account), at: .noon + HandOverCart.repeatMax).get()
        #expect(late.lines.isEmpty && HandOverCart.repeatMax < StepKey.lifetime)
    }

    @Test("that is empty changes nothing")
    func empty() async throws {
        let bench = StepBench.ofInventory
        #expect(try await bench.run(HandOverCart(of: customer, to: Self.account)).get().lines.isEmpty)
        let answer = try await bench.run(MergeCart([], into: Self.account, key: Self.key)).get()
        #expect(!answer.cart.exists && bench.journal.committed == .zero)
    }
}
