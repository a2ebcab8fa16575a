import ActorSystem
import CatalogueSearch
import Commerce
import EventSourcing
import Schema

/// Reads the whole catalogue as it stands into the search index, when the logs do not tell it.
struct CatalogueScan {
    let shards: ShardMap
    let index: CatalogueIndex

    /// Products read in one step: the shard goes on with other work in between.
    private static let productsPerStepMax = 200
    /// Products from which on it is worth seconds to make searches faster.
    private static let compactedFrom = 10_000

    func run() async throws {
        let start = try await index.positions()[SearchFollower.productLog]
        // What is committed while the scan runs is seen by it or behind these positions, and harmless to see twice.
        let ends = shards.shards.map { (shard: $0, committed: $0.journal.committed) }
        var bound: ProductID?
        var count = 0
        while true {
            let ids = try await shards.catalogue.list(
                Product.self, group: Product.listingGroup, beyond: bound, descending: false,
                limit: Self.productsPerStepMax)
            try Task.checkCancellation()
            guard let last = ids.last else { break }
            let products = await shards.catalogue.readCommitted { states in
                ids.map { states.read(Product.self, $0).state }
            }
            let available = await Availability.read(products.flatMap(\.skus), on: shards)
            let documents = products.compactMap { CatalogueDocument($0) { available[$0] } }
            try await index.apply(documents.map { .product($0) }, through: start, of: SearchFollower.productLog)
            count += documents.count
            bound = last
        }
        for end in ends {
            try await index.apply([], through: end.committed, of: SearchFollower.stockLog(end.shard))
        }
        for log in [SearchFollower.salesLog, SearchFollower.productLog] {
            try await index.apply([], through: ends[0].committed, of: log)
        }
        if count >= Self.compactedFrom { try await index.compact() }
    }
}

extension Product {
    var skus: [SKU] { details?.variants.map(\.sku) ?? [] }
}

/// Which SKUs can be bought at the moment.
enum Availability {
    /// SKUs looked at in one step of a shard: a quarter of a millisecond.
    private static let skusPerStepMax = 128

    static func read(_ skus: [SKU], on shards: ShardMap) async -> [SKU: Bool] {
        var available: [SKU: Bool] = [:]
        for shard in shards.shards {
            let mine = skus.filter { shards[$0.slot].id == shard.id }
            for (sku, isAvailable) in await read(mine, on: shard) { available[sku] = isAvailable }
        }
        return available
    }

    /// - Parameter skus: all of them live on `shard`.
    static func read(_ skus: [SKU], on shard: Shard) async -> [(SKU, Bool)] {
        var found: [(SKU, Bool)] = []
        var rest = skus[...]
        while !rest.isEmpty {
            let step = rest.prefix(skusPerStepMax)
            rest = rest.dropFirst(skusPerStepMax)
            found += await shard.readCommitted { states in
                step.map { sku in (sku, states.look(at: Stock.self, sku) { $0.state.available > 0 }) }
            }
        }
        return found
    }
}
