import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Follows the orders and counts the units sold of each product: what was paid, less what was cancelled or came back.
///
/// At least once from each shard's log, with each event counted once: the position stands in the record of the count.
public struct SalesConsumer: LeaderDuty {
    /// Large steps, of which the journal still has the records in memory: sales are counted by the thousand, for no
    /// caller waits for them, and a product that sells fast changes once.
    static let limits = LogConsumer.Limits(
        recordsPerStepMax: 16_384, bytesPerStepMax: 6 << 20, silentRecordsMax: 65_536)
    /// Orders of which a shard is asked in one step: half a million lines at most.
    private static let ordersPerReadMax = 256
    /// SKUs of which one record counts the sales: a megabyte, a quarter of the largest record. The last order counted
    /// may add as many as it has.
    static let skusPerRecordMax = 8_192
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

    /// Follows the orders of one shard.
    public func perform(on source: Shard) async throws {
        try await log.follow(source, positionOn: shards.catalogue, if: \.countsSales) { step in
            try await count(step, from: source)
            await log.rest(behind: step.last, in: source, for: pause, on: timer)
        }
    }

    private func count(_ step: LogConsumer.Step, from source: Shard) async throws {
        var sales = Sales()
        var written = step.before
        var counted = written
        let changes = step.orders.salesChanges
        for start in stride(from: 0, to: changes.count, by: Self.ordersPerReadMax) {
            let part = Array(changes[start..<min(start + Self.ordersPerReadMax, changes.count)])
            let units = await source.readCommitted { states in
                part.map { change in states.look(at: Order.self, change.order) { change.units(of: $0.state) } }
            }
            for (change, units) in zip(part, units) {
                // The position moves past whole records only.
                if sales.skus >= Self.skusPerRecordMax, change.index > counted {
                    try await write(sales, from: source, behind: written, through: counted)
                    sales = Sales()
                    written = counted
                }
                sales.count(units, isReturn: change.isReturn)
                counted = change.index
            }
        }
        try await write(sales, from: source, behind: written, through: step.last)
    }

    /// Writes one record of what was sold behind `first` and up to `last`, once.
    ///
    /// - Throws: `ExecutionFailure` when another node, which leads `source` too for a moment, has counted some of it:
    ///   what is left to count begins at its position.
    private func write(
        _ sales: Sales, from source: Shard, behind first: LogIndex, through last: LogIndex
    ) async throws {
        let step = CountSales(source: source.id, first: first, last: last, changes: sales.byProduct(prices))
        guard case .success = try await shards.runWhenAccepted(step, at: clock, timer: timer) else {
            throw ExecutionFailure.refused(.closed)
        }
    }
}

/// An event of an order that changes what has been sold.
private struct SalesChange: Sendable {
    let index: LogIndex
    let order: OrderID
    /// What came back; nil when the order was paid.
    let returned: OrderReturn.Units?

    var isReturn: Bool { returned != nil }

    func units(of order: Order) -> [SKUUnits] { returned.map { order.units(of: $0) } ?? order.holds }
}

extension OrderSteps {
    /// In the order of the log.
    fileprivate var salesChanges: [SalesChange] {
        let paid = paid.map { SalesChange(index: $0.index, order: $0.order, returned: nil) }
        let returned = returned.map { SalesChange(index: $0.index, order: $0.order, returned: $0.units) }
        guard !returned.isEmpty else { return paid }
        return (paid + returned).sorted { $0.index < $1.index }
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

    /// SKUs that were sold or returned.
    var skus: Int { units.count }

    mutating func count(_ lines: [SKUUnits], isReturn: Bool) {
        for line in lines { units[line.sku, default: 0] += isReturn ? -line.units.rawValue : line.units.rawValue }
    }

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
