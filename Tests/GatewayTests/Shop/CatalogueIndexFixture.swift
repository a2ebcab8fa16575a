import ActorSystem
import CatalogueSearch

@testable import Gateway

enum CatalogueIndexFixture {
    /// A new index, into which the catalogue has been read.
    static func scanned(_ shards: ShardMap) async throws -> CatalogueIndex {
        let index = try CatalogueIndex(at: .memory)
        try await CatalogueScan(shards: shards, index: index).run()
        return index
    }
}
