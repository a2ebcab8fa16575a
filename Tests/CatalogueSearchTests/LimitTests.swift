import EventSourcing
import Testing

@testable import CatalogueSearch

@Suite struct LimitTests {
    @Test func aSearchThatTakesTooLongIsRefusedAndTheNextOneIsNot() async throws {
        let hasty = try CatalogueIndex(at: .memory, limits: .init(time: .milliseconds(20)))
        for batch in 0..<10 {
            let products = (0..<2_000).map {
                CatalogueChange.product(.sample("p\(batch)-\($0)", "Thing number \($0)", brand: "Brand \($0)", amount: Int64($0)))
            }
            try await hasty.apply(products, through: LogIndex(UInt64(batch + 1)))
        }
        await #expect(throws: CatalogueSearchError.tookTooLong) {
            try await hasty.search(CatalogueQuery(text: "thing number", wantsFacets: true))
        }
        #expect(try await hasty.search(CatalogueQuery(sku: "P0-1")).productIDs == ["p0-1"])
        #expect(try await hasty.positions()[0] == LogIndex(10))
    }

    @Test func noTimeIsTooLittleForAnything() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .init(time: .zero))
        await #expect(throws: CatalogueSearchError.tookTooLong) { try await index.search(CatalogueQuery()) }
    }

    @Test func searchesBeyondTheLimitAreRefusedAtOnce() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .init(searchesMax: 0))
        await #expect(throws: CatalogueSearchError.busy) { try await index.search(CatalogueQuery()) }
        await #expect(throws: CatalogueSearchError.busy) { try await index.suggest("a") }
    }
}
