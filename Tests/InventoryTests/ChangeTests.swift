import ActorSystem
import Commerce
import EventSourcing
import Inventory
import Schema
import StepTesting
import Steps
import Testing

extension StepBench {
    static var ofInventory: StepBench {
        StepBench([.kind(Stock.self), .kind(Cart.self), .kind(IdempotencyKey.self)])
    }
}

@Suite("A change of stock") struct ChangeStockTests {
    @Test("happens once for each key, and is answered as it was")
    func once() async throws {
        let bench = StepBench.ofInventory
        let step = ChangeStock(mug, .receive(5, reference: nil), key: key)
        guard case .changed(let count, isRepeated: false) = try await bench.run(step).get() else {
            return #expect(Bool(false))
        }
        #expect(count.onHand == 5 && count.version == 1)
        _ = try await bench.run(ChangeStock(mug, .receive(5, reference: nil))).get()
        #expect(try await bench.run(step).get() == .changed(count, isRepeated: true))
        #expect(bench.journal.committed == LogIndex(2))
        let other = ChangeStock(
            mug, .receive(6, reference: nil), key: StepKey(id: key.id, fingerprint: digest(0x33)))
        #expect(try await bench.run(other) == .failure(.keyReused))
    }

    @Test("answers with what an earlier version kept in the key")
    func document() async throws {
        let bench = StepBench.ofInventory
        let text = Array(#"{"sku":"35004C"}"#.utf8)
        _ = try await bench.shards.execute(on: mug.slot, at: .noon) { batch throws(IdempotencyKey.Refusal) in
            try batch.decide(
                IdempotencyKey.self, key.id,
                .claim(
                    fingerprint: key.fingerprint, subject: .answer(status: 200, location: nil, body: text),
                    expiresAt: batch.now + .seconds(60)))
        }.get()
        let answer = try await bench.run(ChangeStock(mug, .receive(5, reference: nil), key: key)).get()
        #expect(answer == .document(text))
    }

    @Test("is refused when a condition does not hold, and leaves the key free")
    func conditions() async throws {
        let bench = StepBench.ofInventory
        _ = try await bench.run(ChangeStock(mug, .receive(5, reference: nil))).get()
        let stale = Preconditions(ifMatch: "\"0\"")
        let refused = try await bench.run(ChangeStock(mug, .adjust(delta: -1, reason: .count), if: stale, key: key))
        guard case .failure(.condition(let failure)) = refused else { return #expect(Bool(false), "\(refused)") }
        #expect(failure.condition == .ifMatch && failure.current == EntityTag(version: 1))
        let current = Preconditions(ifMatch: "\"1\"")
        _ = try await bench.run(ChangeStock(mug, .adjust(delta: -1, reason: .count), if: current, key: key)).get()
    }

    @Test("is refused once for each key, whatever has changed since")
    func refusedOnce() async throws {
        let bench = StepBench.ofInventory
        let taken = ChangeStock(mug, .adjust(delta: -1, reason: .count), key: key)
        let refusal = try await bench.run(taken)
        #expect(refusal == .failure(.stock(.wouldGoBelowReserved(reserved: 0))))
        _ = try await bench.run(ChangeStock(mug, .receive(5, reference: nil))).get()
        #expect(try await bench.run(taken) == refusal)
        let other = StepKey(id: key.id, fingerprint: Digest256([UInt8](repeating: 9, count: 32))!)
        #expect(
            try await bench.run(ChangeStock(mug, .receive(1, reference: nil), key: other)) == .failure(.keyReused))
        guard case .changed(let count, false) = try await bench.run(
            ChangeStock(mug, .adjust(delta: -1, reason: .count))).get()
        else { return #expect(Bool(false), "it is no change") }
        #expect(count.onHand == 4)
    }

    @Test("is refused for a SKU that is not known, and by the rules of stock")
    func refusals() async throws {
        let bench = StepBench.ofInventory
        let unknown = ChangeStock(mug, .receive(5, reference: nil), requiresStock: true)
        #expect(try await bench.run(unknown) == .failure(.unknownSKU))
        #expect(
            try await bench.run(ChangeStock(mug, .adjust(delta: -1, reason: .count)))
                == .failure(.stock(.wouldGoBelowReserved(reserved: 0))))
        #expect(bench.journal.committed == .zero)
    }
}

@Suite("A change of a cart") struct ChangeCartTests {
    @Test("happens once for each key, and is answered with the cart as it now is")
    func once() async throws {
        let bench = StepBench.ofInventory
        let step = ChangeCart(of: customer, .addItem(mug, 2), key: key)
        let first = try await bench.run(step).get()
        #expect(!first.isRepeated && first.cart.state.quantity(of: mug) == 2)
        _ = try await bench.run(ChangeCart(of: customer, .setItem(mug, 7))).get()
        let again = try await bench.run(step).get()
        #expect(again.isRepeated && again.cart.state.quantity(of: mug) == 7)
        #expect(bench.journal.committed == LogIndex(2))
    }

    @Test("is refused when a condition does not hold")
    func conditions() async throws {
        let bench = StepBench.ofInventory
        _ = try await bench.run(ChangeCart(of: customer, .setItem(mug, 7))).get()
        let stale = ChangeCart(of: customer, .clear, if: Preconditions(ifMatch: "\"0-aa\""))
        guard case .failure(.condition) = try await bench.run(stale) else { return #expect(Bool(false)) }
        _ = try await bench.run(ChangeCart(of: customer, .clear, if: Preconditions(ifMatch: "\"1-aa\""))).get()
    }
}
