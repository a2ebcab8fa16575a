import Commerce
import EventSourcing
import JournalTesting
import Schema
import Steps
import Testing

@testable import ActorSystem
@testable import Checkout

/// Steps by themselves, without a checkout that runs them.
@Suite("A step of a checkout") struct StepTests {
    private let shards: ShardMap
    private let mug = SKU("35004C")!
    private let order = OrderID.sample

    init() {
        let journal = MemoryJournal()
        shards = ShardMap([
            Shard(
                id: ShardID(0), journal: journal, states: journal, kinds: OwnedKind.all,
                failStop: { fatalError("\($0)") })
        ])
    }

    private func run<Step: ShardStep>(_ step: Step) async throws -> Result<Step.Answer, Step.Refusal> {
        try await shards.run(step, at: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private func receive(_ units: Units) async throws {
        let mug = mug
        _ = try await shards.execute(on: mug.slot, at: .zero) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, mug, .receive(units, reference: nil))
        }.get()
    }

    /// Of an order that lives on another shard.
    private func hold(_ units: Units, seenAt index: LogIndex, isLookOnly: Bool = false) async throws -> UnitsHeld {
        let step = HoldUnits(
            order: order, units: [SKUUnits(sku: mug, units: units)], shard: ShardID(0), home: ShardID(1), index: index,
            isLookOnly: isLookOnly)
        return try await run(step).get()
    }

    private func move(_ movement: StockMovement, at index: LogIndex, through last: LogIndex) async throws {
        let step = MoveStock(
            source: ShardID(1), target: ShardID(0),
            movements: [
                .init(index: index, order: order, movement: movement, units: [SKUUnits(sku: mug, units: 2)])
            ], last: last)
        _ = try await run(step)
    }

    private var stock: Stock {
        get async throws { try await shards.read(Stock.self, mug).state }
    }

    @Test("holds all units of an order or none, and nothing when it only looks")
    func held() async throws {
        try await receive(3)
        let short = [Shortage(sku: mug, requested: 4, available: 3)]
        #expect(try await hold(4, seenAt: .zero) == .short(short))
        #expect(try await hold(2, seenAt: .zero, isLookOnly: true) == .short([]))
        #expect(try await stock.reserved == 0)
        #expect(try await hold(2, seenAt: .zero) == .short([]))
        #expect(try await stock.reserved == 2)
    }

    @Test("holds nothing for an order whose end may have been here")
    func overtaken() async throws {
        try await receive(3)
        try await move(.release, at: LogIndex(7), through: LogIndex(9))
        #expect(try await hold(2, seenAt: LogIndex(8)) == .overtaken)
        #expect(try await hold(2, seenAt: LogIndex(9)) == .short([]))
    }

    @Test("moves stock once for each event")
    func moved() async throws {
        try await receive(3)
        for _ in 0..<2 { try await move(.restock, at: LogIndex(7), through: LogIndex(9)) }
        #expect(try await stock.onHand == 5)
        try await move(.restock, at: LogIndex(10), through: LogIndex(10))
        #expect(try await stock.onHand == 7)
    }

    @Test("counts sales from the place on where it was believed to be")
    func counted() async throws {
        let step = CountSales(source: ShardID(1), first: .zero, last: LogIndex(5), changes: [])
        #expect(try await run(step) == .success(Done()))
        #expect(try await run(step) == .failure(SalesCountedElsewhere()))
    }

    @Test("claims a key once, for where it was claimed first")
    func claimed() async throws {
        let key = StepKey(
            id: IdempotencyKeyID(slot: Slot(1), digest: Digest256([UInt8](repeating: 1, count: 32))!),
            fingerprint: Digest256([UInt8](repeating: 2, count: 32))!)
        let claim = try await run(ClaimSenderKey(key: key, home: Slot(2), lifetime: .seconds(60))).get()
        #expect(try await run(ClaimSenderKey(key: key, home: Slot(3), lifetime: .seconds(60))).get() == claim)
    }
}
