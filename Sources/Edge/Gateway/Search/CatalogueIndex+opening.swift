import ActorSystem
import CatalogueSearch
import EventSourcing

extension CatalogueIndex {
    /// Opens the index of a node. One that has seen more than the logs hold belongs to another history, such as that of
    /// a data directory before it was restored: it is deleted, and begins anew.
    public static func open(at location: Location, for shards: ShardMap) async throws -> CatalogueIndex {
        let index = try CatalogueIndex(at: location)
        guard try await index.isAhead(of: shards) else { return index }
        try index.close()
        try discard(at: location)
        return try CatalogueIndex(at: location)
    }

    private func isAhead(of shards: ShardMap) async throws -> Bool {
        let positions = try await positions()
        let catalogue = max(positions[SearchFollower.productLog], positions[SearchFollower.salesLog])
        return catalogue > shards.catalogue.journal.committed
            || shards.shards.contains { positions[SearchFollower.stockLog($0)] > $0.journal.committed }
    }
}
