import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle

/// Follows the orders and counts the units sold of each product: what was paid, less what was cancelled or came back.
///
/// At least once from each shard's log, with each event counted once: the position stands in the record of the count.
public struct SalesConsumer: Service {
    /// Large steps, of which the journal still has the records in memory: sales are counted by the thousand, for nobody
    /// waits for them, and a product that sells fast changes once.
    static let limits = LogConsumer.Limits(
        recordsPerStepMax: 16_384, bytesPerStepMax: 6 << 20, silentRecordsMax: 65_536)
    /// Orders of which a shard is asked in one step.
    private static let ordersPerReadMax = 1_024
    /// Between two steps, so that a product that sells fast is counted once for many orders.
    public static let pauseDefault = Duration.seconds(1)

    private let shards: ShardMap
    private let prices: PriceBook
    private let clock: @Sendable () -> Timestamp
    private let pause: Duration
    private let timer: any Clock<Duration>
    private let log: LogConsumer

    /// - Parameters:
    ///   - pause: between two steps, as long as no whole step waits to be read: it never falls behind.
    ///   - timer: measures pauses.
    public init(
        shards: ShardMap, prices: PriceBook, floors: RetentionFloors, pause: Duration = pauseDefault,
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.shards = shards
        self.prices = prices
        self.pause = pause
        self.timer = timer
        self.clock = clock
        log = LogConsumer(.catalogue, as: .sales, limits: Self.limits, shards: shards, floors: floors, clock: clock)
    }

    public func run() async throws { try await log.forEachShard(follow) }

    /// Follows the orders of one shard, until the task is cancelled or the journal ends.
    ///
    /// - Throws: when a shard refuses a step or its outcome is unknown. Whoever still leads `source` then begins again.
    public func follow(_ source: Shard) async throws {
        try await log.follow(source, positionOn: shards.catalogue, if: \.countsSales) { steps, last in
            try await count(steps, from: source, through: last)
            await rest(behind: last, in: source)
        }
    }

    /// Returns at once when a whole step waits already; otherwise after the pause, or when one does.
    private func rest(behind last: LogIndex, in source: Shard) async {
        let due = LogIndex(last.rawValue + UInt64(Self.limits.recordsPerStepMax))
        let commits = source.journal.commits()
        guard source.journal.committed < due else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await committed in commits where committed >= due { return } }
            group.addTask { [timer, pause] in try? await timer.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }

    private func count(_ steps: OrderSteps, from source: Shard, through last: LogIndex) async throws {
        let position = ConsumerPositionID(.catalogue, of: source, on: shards.catalogue)
        var sales = Sales()
        try await look(at: steps.paid, on: source, { $0 }) { order, _ in order.holds } then: { sales.add($0) }
        try await look(at: steps.returned, on: source, \.order) { $0.units(of: $1.units) } then: { sales.takeAway($0) }
        let changes = sales.byProduct(prices)
        try await shards.catalogue.executeWhenAccepted(at: clock, timer: timer) { batch in
            guard batch.read(ConsumerPosition.self, position).state.position < last else { return }
            for change in changes {
                for command in [Product.Command.recordUnitsSold(change.sold), .recordUnitsReturned(change.returned)] {
                    _ = Result { () throws(Product.Refusal) in
                        try batch.decide(Product.self, change.product, command)
                    }
                }
            }
            ConsumerPosition.advance(position, to: last, in: batch)
        }
    }

    /// Hands `body` the units that the orders behind `steps` say of each, a bounded number of orders at a time.
    private func look<Step: Sendable>(
        at steps: [Step], on source: Shard, _ id: @Sendable (Step) -> OrderID,
        _ units: @escaping @Sendable (Order, Step) -> [SKUUnits], then body: (SKUUnits) -> Void
    ) async throws {
        for start in stride(from: 0, to: steps.count, by: Self.ordersPerReadMax) {
            let part = steps[start..<min(start + Self.ordersPerReadMax, steps.count)].map { (id($0), $0) }
            let found = try await source.execute(at: clock()) { batch throws(Never) in
                part.flatMap { id, step in batch.look(at: Order.self, id) { units($0.state, step) } }
            }.get()
            for line in found { body(line) }
        }
    }
}

/// Units sold, less those returned, of each SKU.
struct Sales: Sendable {
    /// What has become of the count of one product. Each list ascends by SKU.
    struct Change: Sendable {
        let product: ProductID
        var sold: [SKUUnits] = []
        var returned: [SKUUnits] = []
    }

    /// A step counts some thousand orders of at most `Units.max` each, which stays far within 64 bits.
    private var units: [SKU: Int64] = [:]

    mutating func add(_ line: SKUUnits) { units[line.sku, default: 0] += line.units.rawValue }
    mutating func takeAway(_ line: SKUUnits) { units[line.sku, default: 0] -= line.units.rawValue }

    /// Ascending by product. SKUs that the catalogue no longer has are not counted.
    func byProduct(_ prices: PriceBook) -> [Change] {
        let skus = units.keys.sorted()
        var changes: [ProductID: Change] = [:]
        for (sku, entry) in zip(skus, prices.entries(of: skus)) {
            guard let entry, let net = units[sku] else { continue }
            let line = SKUUnits(sku: sku, units: Units(abs(net)) ?? .max)
            if net > 0 {
                changes[entry.product, default: Change(product: entry.product)].sold.append(line)
            } else if net < 0 {
                changes[entry.product, default: Change(product: entry.product)].returned.append(line)
            }
        }
        return changes.values.sorted { $0.product < $1.product }
    }
}
