import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Follows the orders and counts the units sold of each product: what was paid, less what was cancelled or came back.
///
/// At least once from each shard's log, with each event counted once: the position stands in the record of the count.
public struct SalesConsumer: LeaderDuty {
    /// A little at a time is read, so that no caller waits for it.
    private static let recordsPerStepMax = 256
    private static let bytesPerStepMax = 1 << 20
    /// The position stands no further behind, so that a restart reads about a second.
    public static let silentRecordsMaxDefault: UInt64 = 65_536
    /// Orders of which a shard is asked in one step: a tenth of a millisecond, as long as none has thousands of lines.
    private static let ordersPerReadMax = 32
    /// SKUs of which one record counts the sales: a quarter of a megabyte, and some milliseconds of the catalogue's
    /// shard. The last order counted may add as many as it has.
    static let skusPerRecordMax = 2_048
    /// Between two records, so that a product that sells fast is counted once for many orders: no caller waits for it.
    /// A restart reads as much of the log again.
    public static let pauseDefault = Duration.seconds(2)

    private let shards: ShardMap
    private let prices: PriceBook
    private let clock: @Sendable () -> Timestamp
    private let pause: Duration
    private let timer: any Clock<Duration>
    private let log: LogConsumer

    /// - Parameters:
    ///   - pause: between two records of what was sold, as long as one has room for what is read meanwhile.
    ///   - silentRecordsMax: records after which the position is written, however long the pause.
    ///   - timer: measures pauses.
    public init(
        shards: ShardMap, prices: PriceBook, floors: RetentionFloors, pause: Duration = pauseDefault,
        silentRecordsMax: UInt64 = silentRecordsMaxDefault,
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.shards = shards
        self.prices = prices
        self.pause = pause
        self.timer = timer
        self.clock = clock
        let limits = LogConsumer.Limits(
            recordsPerStepMax: Self.recordsPerStepMax, bytesPerStepMax: Self.bytesPerStepMax,
            silentRecordsMax: silentRecordsMax)
        log = LogConsumer(.catalogue, as: .sales, limits: limits, shards: shards, floors: floors, clock: clock)
    }

    /// Follows the orders of one shard.
    public func perform(on source: Shard) async throws { try await follow(source, on: timer) }

    private func follow(_ source: Shard, on timer: some Clock<Duration>) async throws {
        var pause = CollectionPause(pause, on: timer)
        var collected = CollectedSales(behind: .zero, after: .zero)
        try await log.follow(source, positionOn: shards.catalogue) { stretch, written in
            // Begun anew, at the position as it stands.
            if collected.last != stretch.after { collected = CollectedSales(behind: written, after: stretch.after) }
            try await count(OrderStepReader.read(stretch.records), from: source, in: &collected)
            collected.last = stretch.last
            let isLongSilent = log.isLongSilent(since: collected.first, at: stretch.last)
            if !isLongSilent {
                guard collected.sales.skus > 0 else { return .nothingOwed }
                let limit = Self.recordsPerStepMax
                guard try await pause.isOver(behind: stretch.last, reading: limit, of: source) else { return .owed }
            }
            try await write(&collected, from: source, through: stretch.last)
            pause.begin()
            return .written
        }
    }

    private func count(_ steps: OrderSteps, from source: Shard, in collected: inout CollectedSales) async throws {
        let changes = steps.salesChanges
        for start in stride(from: 0, to: changes.count, by: Self.ordersPerReadMax) {
            let part = Array(changes[start..<min(start + Self.ordersPerReadMax, changes.count)])
            let units = await source.readCommitted { states in
                part.map { change in states.look(at: Order.self, change.order) { change.units(of: $0.state) } }
            }
            for (change, units) in zip(part, units) {
                // The position moves past whole records only.
                if collected.sales.skus >= Self.skusPerRecordMax, change.index > collected.last {
                    try await write(&collected, from: source, through: collected.last)
                }
                collected.sales.count(units, isReturn: change.isReturn)
                collected.last = change.index
            }
        }
    }

    /// Writes one record of what was sold up to `last`, once.
    ///
    /// - Throws: `ExecutionFailure` when another node, which leads `source` too for a moment, has counted some of it:
    ///   what is left to count begins at its position.
    private func write(
        _ collected: inout CollectedSales, from source: Shard, through last: LogIndex
    ) async throws {
        let step = CountSales(
            source: source.id, first: collected.first, last: last, changes: collected.sales.byProduct(prices))
        guard case .success = try await shards.runWhenAccepted(step, at: clock, timer: timer) else {
            throw ExecutionFailure.refused(.closed)
        }
        collected = CollectedSales(behind: last, after: last)
    }
}

/// What a log tells of sales, and is not written yet.
private struct CollectedSales {
    var sales = Sales()
    /// The position as it stands: everything behind it is here.
    let first: LogIndex
    /// Everything up to here is.
    var last: LogIndex

    init(behind first: LogIndex, after last: LogIndex) { (self.first, self.last) = (first, last) }
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
