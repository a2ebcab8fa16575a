import ActorSystem
import Commerce
import EventSourcing
import Inventory
import Schema
import StepTesting
import Steps
import Testing

/// Keeps `body` under `key`, as the gateway of an earlier version did.
private func keep(_ body: String, location: String? = nil, on bench: StepBench) async throws {
    _ = try await bench.shards.execute(on: key.id.slot, at: .noon) { batch throws(IdempotencyKey.Refusal) in
        try batch.decide(
            IdempotencyKey.self, key.id,
            .claim(
                fingerprint: key.fingerprint,
                subject: .answer(status: 201, location: location, body: Array(body.utf8)),
                expiresAt: batch.now + .seconds(60)))
    }.get()
}

@Suite("A reservation by hand") struct ReserveStockTests {
    @Test("happens once for each key, and is answered as it was")
    func once() async throws {
        let bench = StepBench.ofInventory
        _ = try await bench.run(ChangeStock(mug, .receive(5, reference: nil))).get()
        let step = ReserveStock(mug, 2, as: hold, seconds: 600, key: key)
        guard case .reserved(let reserved, isRepeated: false) = try await bench.run(step).get() else {
            return #expect(Bool(false))
        }
        #expect(reserved.hold == hold && reserved.until == .noon + .seconds(600) && reserved.stock.reserved == 2)
        let again = ReserveStock(mug, 2, as: HoldID(at: .noon, slot: mug.slot, random: 9), seconds: 600, key: key)
        #expect(try await bench.run(again).get() == .reserved(reserved, isRepeated: true))
        #expect(bench.journal.committed == LogIndex(2))
    }

    @Test("is refused beyond what is there, and for a SKU that is not known")
    func refusals() async throws {
        let bench = StepBench.ofInventory
        #expect(
            try await bench.run(ReserveStock(mug, 2, as: hold, seconds: 600, requiresStock: true))
                == .failure(.unknownSKU))
        #expect(
            try await bench.run(ReserveStock(mug, 2, as: hold, seconds: 600, key: key))
                == .failure(.stock(.insufficientStock(available: 0))))
        // Nothing but what the key has kept of it.
        #expect(bench.journal.committed == LogIndex(1))
        _ = try await bench.run(ChangeStock(mug, .receive(5, reference: nil))).get()
        #expect(
            try await bench.run(ReserveStock(mug, 2, as: hold, seconds: 600, key: key))
                == .failure(.stock(.insufficientStock(available: 0))))
    }

    @Test("answers with what an earlier version kept in the key")
    func document() async throws {
        let bench = StepBench.ofInventory
        try await keep("{}", location: "/r/1", on: bench)
        let answer = try await bench.run(ReserveStock(mug, 2, as: hold, seconds: 600, key: key)).get()
        #expect(answer == .document(Array("{}".utf8), location: "/r/1"))
    }
}

@Suite("Receipts") struct ReceiveStockTests {
    private let cup = SKU("35004D")!

    private func receipts(_ units: Units) -> [ReceiveStock.Receipt] {
        [
            .init(mug, units, reference: "D-1", isInitial: true, requiresStock: false),
            .init(mug, 1, reference: nil, isInitial: true, requiresStock: false),
            .init(cup, 1, reference: nil, isInitial: false, requiresStock: true),
        ]
    }

    @Test("stand for themselves, and happen once for each key")
    func once() async throws {
        let bench = StepBench.ofInventory
        let step = ReceiveStock(receipts(5), on: mug.slot, key: key)
        let first = try await bench.run(step).get()
        guard case .received(let count) = first.outcomes[0] else { return #expect(Bool(false)) }
        #expect(!first.isRepeated && count.onHand == 5)
        #expect(first.outcomes[1...] == [.refused(.hasMoved(onHand: 5)), .refused(.unknownSKU)])
        _ = try await bench.run(ChangeStock(mug, .receive(2, reference: nil))).get()
        let again = try await bench.run(step).get()
        guard case .received(let now) = again.outcomes[0] else { return #expect(Bool(false)) }
        #expect(again.isRepeated && now.onHand == 7 && again.outcomes[1...] == first.outcomes[1...])
        #expect(bench.journal.committed == LogIndex(2))
        let other = ReceiveStock(
            receipts(6), on: mug.slot, key: StepKey(id: key.id, fingerprint: digest(0x33)))
        #expect(try await bench.run(other) == .failure(KeyReused()))
    }

    @Test("are answered with what an earlier version kept in the key")
    func documents() async throws {
        let bench = StepBench.ofInventory
        let refused = #"{"status":404,"problem":{}}"#
        try await keep("{\"status\":200}\n\(refused)\n\(refused)", on: bench)
        let answer = try await bench.run(ReceiveStock(receipts(5), on: mug.slot, key: key)).get()
        guard case .received(let count) = answer.outcomes[0] else { return #expect(Bool(false)) }
        #expect(count.version == 0 && answer.isRepeated)
        #expect(answer.outcomes[1...] == [.document(Array(refused.utf8)), .document(Array(refused.utf8))])
    }

    @Test("of as many SKUs as a request may have are kept under their key")
    func many() async throws {
        let bench = StepBench.ofInventory
        let receipts = (0..<ReceiveStock.receiptsMax).map { number in
            ReceiveStock.Receipt(
                SKU("S\(number)")!, Units.max, reference: nil, isInitial: false, requiresStock: number % 2 == 0)
        }
        let step = ReceiveStock(receipts, on: mug.slot, key: key)
        let first = try await bench.run(step).get()
        let again = try await bench.run(step).get()
        #expect(again.isRepeated && again.outcomes == first.outcomes)
        #expect(try ReceiveStock(decoding: step.bytes[...]).receipts == receipts)
    }

    @Test("of more SKUs than that are no step")
    func tooMany() {
        let receipt = ReceiveStock.Receipt(mug, 1, reference: nil, isInitial: false, requiresStock: false)
        let step = ReceiveStock([ReceiveStock.Receipt](repeating: receipt, count: 1_001), on: mug.slot)
        #expect(throws: MalformedBytes.self) { try ReceiveStock(decoding: step.bytes[...]) }
    }

    @Test("are claimed for one request of their sender")
    func claim() async throws {
        let bench = StepBench.ofInventory
        #expect(try await bench.run(ClaimReceipts(key)) == .success(Done()))
        #expect(try await bench.run(ClaimReceipts(key)) == .success(Done()))
        #expect(bench.journal.committed == LogIndex(1))
        let other = StepKey(id: key.id, fingerprint: digest(0x33))
        #expect(try await bench.run(ClaimReceipts(other)) == .failure(KeyReused()))
    }
}
