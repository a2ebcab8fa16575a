import ActorSystem
import Commerce
import EventSourcing
import Logging
import Schema
import ServiceLifecycle

/// Follows the orders and counts the units sold of each product.
///
/// At least once from each shard's log, with each order counted once: the position stands in the record of the count.
public struct SalesConsumer: Service {
    /// Records looked at in one step: sales are counted by the thousand, for nobody waits for them.
    private static let recordsPerStepMax = 4_096
    private static let bytesPerStepMax = 2 << 20
    private static let silentRecordsMax: UInt64 = 65_536
    /// Between two steps, so that a product that sells fast is counted once for many orders.
    public static let pauseDefault = Duration.seconds(1)

    private let shards: ShardMap
    private let prices: PriceBook
    private let clock: @Sendable () -> Timestamp
    private let floors: RetentionFloors
    private let pause: Duration
    private let timer: any Clock<Duration>

    public init(
        shards: ShardMap, prices: PriceBook, floors: RetentionFloors, pause: Duration = pauseDefault,
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.shards = shards
        self.prices = prices
        self.floors = floors
        self.pause = pause
        self.timer = timer
        self.clock = clock
    }

    public func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards.shards {
                group.addTask { try await cancelWhenGracefulShutdown { try await follow(shard) } }
            }
            try await group.waitForAll()
        }
    }

    /// Follows the orders of one shard, until the task is cancelled or the journal ends.
    ///
    /// - Throws: when a shard refuses a step or its outcome is unknown. Whoever still leads `source` then begins again.
    public func follow(_ source: Shard) async throws {
        let id = ConsumerPositionID(.catalogue, of: source, on: shards.catalogue)
        let start = try await shards.catalogue.execute(at: clock()) { batch throws(Never) in
            batch.read(ConsumerPosition.self, id).state.position
        }.get()
        floors.set(.catalogue, source: source, to: start)
        var written = start
        try await source.follow(
            after: start, countMax: Self.recordsPerStepMax, bytesMax: Self.bytesPerStepMax
        ) { records, last in
            let steps = try OrderStepReader.read(records)
            guard !steps.paid.isEmpty || last.rawValue - written.rawValue >= Self.silentRecordsMax else { return }
            try await count(steps.paid, from: source, position: id, through: last)
            written = last
            floors.set(.catalogue, source: source, to: last)
            try? await timer.sleep(for: pause)
        }
    }

    private func count(
        _ orders: [OrderID], from source: Shard, position: ConsumerPositionID, through last: LogIndex
    ) async throws {
        let sold = try await source.execute(at: clock()) { batch throws(Never) in
            orders.flatMap { batch.read(Order.self, $0).state.holds }
        }.get()
        let sales = Sales(sold, prices: prices)
        try await shards.catalogue.executeWhenAccepted(at: clock, timer: timer) { batch in
            guard batch.read(ConsumerPosition.self, position).state.position < last else { return }
            for (product, units) in sales.byProduct {
                _ = Result { () throws(Product.Refusal) in
                    try batch.decide(Product.self, product, .recordUnitsSold(units))
                }
            }
            ConsumerPosition.advance(position, to: last, in: batch)
        }
    }
}

/// Units sold, added up by product and SKU.
struct Sales: Sendable {
    /// Ascending by product; within one ascending by SKU. SKUs that the catalogue no longer has are not counted.
    let byProduct: [(product: ProductID, units: [SKUUnits])]

    init(_ sold: [SKUUnits], prices: PriceBook) {
        var units: [SKU: Units] = [:]
        for line in sold { units[line.sku] = (units[line.sku] ?? 0).adding(line.units) ?? .max }
        let skus = units.keys.sorted()
        var grouped: [ProductID: [SKUUnits]] = [:]
        for (sku, entry) in zip(skus, prices.entries(of: skus)) {
            guard let entry, let count = units[sku] else { continue }
            grouped[entry.product, default: []].append(SKUUnits(sku: sku, units: count))
        }
        byProduct = grouped.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
