import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema

/// What a node keeps beside its logs, leader or not: the real price book with its follower, and the shelves, which
/// stand for the views that a simulation does not have.
final class NodeViews: @unchecked Sendable {
    // One thread: the world's.
    /// Small ones, so that every run reads many.
    private static let limits = LogFollower.Limits(recordsMax: 4, bytesMax: 4_096)

    private let shards: ShardMap
    let prices: PriceBook
    private let priceFollower: PriceFollower
    /// Units that can be bought.
    private(set) var available: [SKU: Units] = [:]
    /// By shard: everything up to here is on the shelves.
    private var shelved: [LogIndex?]

    init(shards: ShardMap, floors: RetentionFloors) {
        self.shards = shards
        prices = PriceBook(catalogue: shards.catalogue)
        priceFollower = PriceFollower(catalogue: shards.catalogue, prices: prices, floors: floors) { _ in }
        shelved = Array(repeating: nil, count: shards.shards.count)
    }

    /// Follows all logs, each in a task of `life`.
    func begin(in life: Life, failed: @escaping @Sendable (any Error) -> Void) {
        // From now on the book has to be kept up to date.
        _ = prices.entries(of: Assortment.skus)
        run(in: life, failed) { try await self.priceFollower.follow() }
        for shard in shards.shards { run(in: life, failed) { try await self.follow(shard) } }
    }

    private func run(
        in life: Life, _ failed: @escaping @Sendable (any Error) -> Void,
        _ body: @escaping @Sendable () async throws -> Void
    ) {
        life.spawn {
            do { try await body() } catch { failed(error) }
        }
    }

    /// What has yet to be shown of what this node knows to be committed; nil when all is.
    var behind: String? {
        if priceFollower.applied < shards.catalogue.journal.committed { return "prices" }
        for (shard, index) in zip(shards.shards, shelved) where index ?? .zero < shard.journal.committed {
            return "the shelves of shard \(shard.id)"
        }
        return nil
    }

    private func follow(_ shard: Shard) async throws {
        let number = Int(shard.id.rawValue)
        try await LogFollower(of: shard, limits: Self.limits).follow { _ in
            let start = await show(Assortment.skus.filter { shards[$0.slot].id == shard.id }, of: shard)
            shelved[number] = start
            return start
        } _: { stretch in
            var touched: [SKU] = []
            for record in stretch.records {
                for entry in try RecordBody(record.bytes, of: KindSet(Stock.kind)).entries {
                    if let sku = SKU(encoded: entry.id) { touched.append(sku) }
                }
            }
            if !touched.isEmpty { _ = await show(touched, of: shard) }
            shelved[number] = stretch.last
        }
    }

    /// - Returns: what the shelves show then.
    private func show(_ skus: [SKU], of shard: Shard) async -> LogIndex {
        let (index, units) = await shard.readCommitted { states in
            (states.index, skus.map { sku in states.look(at: Stock.self, sku) { $0.state.available } })
        }
        for (sku, units) in zip(skus, units) { available[sku] = units }
        return index
    }
}
