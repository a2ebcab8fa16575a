import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Logging
import Schema
import ServiceLifecycle

/// Keeps the search index up to the shop's logs: products as they change, which SKUs are in stock, within a second, and
/// what was sold, within some ten.
///
/// The index remembers how far it has come. When the log no longer reaches back that far, or the index is new, the
/// catalogue is read as it stands and the logs are followed from there. The index is only a view: when it fails the
/// shop goes on, searches are refused, and it is tried again.
public final class SearchFollower: Service, CatalogueView {
    private static let limits = LogFollower.Limits(recordsMax: 1_024, bytesMax: 4 << 20)
    /// Records that do not concern the index, after which its position is written all the same.
    static let silentRecordsMax: UInt64 = 65_536
    /// What sells best changes slowly.
    public static let salesPauseDefault = Duration.seconds(10)
    /// Between two attempts after a failure of the index.
    private static let retryPause = Duration.seconds(5)

    let shards: ShardMap
    let index: CatalogueIndex
    let floors: RetentionFloors
    let logger: Logger
    private let salesPause: Duration
    private let progress = FollowerProgress(.zero)

    /// - Parameter salesPause: between two times that the index is told of sales, as long as there is room for what is
    ///   sold meanwhile.
    public init(
        shards: ShardMap, index: CatalogueIndex, floors: RetentionFloors, salesPause: Duration = salesPauseDefault,
        logger: Logger
    ) {
        self.shards = shards
        self.index = index
        self.floors = floors
        self.salesPause = salesPause
        self.logger = logger
        holdLogs()
    }

    /// The number under which the index keeps its position in the catalogue's changes.
    static let productLog: UInt32 = 0

    /// The number under which it keeps its position in a shard's movements of stock.
    static func stockLog(_ shard: Shard) -> UInt32 { 1 + UInt32(shard.id.rawValue) }

    /// The number under which it keeps its position in the catalogue's sales: behind those of all shards' stock.
    static let salesLog: UInt32 = 1 + UInt32(Slot.count)

    /// Returns once every change of the catalogue that any node has acknowledged can be found, or the index has failed.
    public func catchUp() async throws(ExecutionFailure) {
        let catalogue = shards.catalogue
        try await progress.catchUp(with: catalogue, to: try await catalogue.journalBarrier())
    }

    /// Returns once every change of the catalogue up to `index` can be found, or the index has failed.
    func catchUp(to index: LogIndex) async { await progress.wait(for: index) }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var isReplaced = false
            while !Task.isCancelled {
                do {
                    for shard in self.shards.shards { try await shard.arrive() }
                    try await self.follow(scanning: isReplaced)
                    break
                } catch is CancellationError {
                    break
                } catch is CatalogueReplaced {
                    isReplaced = true
                } catch {
                    self.logger.error("The search index cannot be kept up to date", metadata: ["error": "\(error)"])
                    // No request waits for an index that has failed.
                    self.progress.end()
                    self.letLogsGo()
                    try? await Task.sleep(for: Self.retryPause)
                }
            }
        }
        progress.end()
    }

    /// A scan begins where the logs end, and they must still reach back there when it is done.
    private func holdLogs() {
        floors.hold(.searchedProducts, shards.catalogue)
        floors.hold(.searchedSales, shards.catalogue)
        for shard in shards.shards { floors.hold(.searchedStock, shard) }
    }

    /// An index that has failed holds no log: it is read anew when it can be.
    private func letLogsGo() {
        floors.letGo(.searchedProducts, shards.catalogue)
        floors.letGo(.searchedSales, shards.catalogue)
        for shard in shards.shards { floors.letGo(.searchedStock, shard) }
    }

    private func follow(scanning isReplaced: Bool) async throws {
        holdLogs()
        try await placeSales()
        let isIncomplete = try await isIncomplete()
        if isReplaced || isIncomplete { try await CatalogueScan(shards: shards, index: index).run() }
        let positions = try await index.positions()
        progress.begin(at: positions[Self.productLog])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.followProducts(after: positions[Self.productLog]) }
            group.addTask {
                try await SalesFollower(
                    catalogue: self.shards.catalogue, index: self.index, floors: self.floors, pause: self.salesPause
                ).follow(after: positions[Self.salesLog])
            }
            for shard in shards.shards {
                group.addTask {
                    try await StockFollower(shard: shard, index: self.index, floors: self.floors)
                        .follow(after: positions[Self.stockLog(shard)])
                }
            }
            // A journal that ends ends them all.
            try await group.next()
            group.cancelAll()
        }
    }

    /// An index that has no position in the sales is new, or knows them from an earlier version of the program, which
    /// told it of them with the products.
    private func placeSales() async throws {
        let positions = try await index.positions()
        guard !positions.contains(Self.salesLog) else { return }
        try await index.apply([], through: positions[Self.productLog], of: Self.salesLog)
    }

    /// A shard's states were replaced, or its log begins behind the index: what the index lacks stands in the states.
    struct CatalogueReplaced: Error {}

    private func isIncomplete() async throws -> Bool {
        let positions = try await index.positions()
        return [Self.productLog, Self.salesLog].contains { Self.lacks(positions[$0], in: shards.catalogue) }
            || shards.shards.contains { Self.lacks(positions[Self.stockLog($0)], in: $0) }
    }

    /// Whether the log behind `position` is not there any more, or is all there ever was and quicker skipped.
    private static func lacks(_ position: LogIndex, in shard: Shard) -> Bool {
        position == .zero ? shard.journal.committed > .zero : position.next < shard.journal.first
    }

    /// Sales are passed over: `SalesFollower` tells of them.
    private func followProducts(after start: LogIndex) async throws {
        var written = start
        try await LogFollower(of: shards.catalogue, limits: Self.limits).follow { beginning in
            guard beginning == .first else { throw CatalogueReplaced() }
            floors.advance(.searchedProducts, shards.catalogue, to: start)
            return start
        } _: { stretch in
            let changes = try CatalogueChanges(stretch.records)
            let last = stretch.last
            // Sales move the position on as well: the log is not held for longer than others need it.
            if !changes.products.isEmpty || last.rawValue - written.rawValue >= Self.silentRecordsMax {
                // A SKU may have had stock before it had a product.
                let skus = await shards.catalogue.readCommitted { changes.skus(in: $0) }
                let available = await Availability.read(skus, on: shards)
                let told = await shards.catalogue.readCommitted { changes.forIndex(in: $0, available) }
                try await index.apply(told, through: last, of: Self.productLog)
                written = last
                floors.advance(.searchedProducts, shards.catalogue, to: last)
            }
            progress.advance(to: last)
        }
    }
}
