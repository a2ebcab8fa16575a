import EventSourcing
import Testing

@testable import CatalogueSearch

@Suite struct LimitTests {
    @Test func aSearchThatTakesTooLongIsRefusedAndTheNextOneIsNot() async throws {
        let hasty = try CatalogueIndex(at: .memory, limits: .init(time: .milliseconds(10)))
        let products = (0..<6_000).map {
            CatalogueChange.product(.sample("p\($0)", "Thing number \($0)", brand: "Brand \($0)"))
        }
        try await hasty.apply(products, through: LogIndex(10))
        for _ in 0..<5 {
            // Something quick is answered as soon as the machine gives it its milliseconds; it then has some for this,
            // too.
            var found: [String]?
            while found == nil { found = try? await hasty.search(CatalogueQuery(sku: "P7")).productIDs }
            #expect(found == ["p7"])
            await #expect(throws: CatalogueSearchError.tookTooLong) {
                try await hasty.search(CatalogueQuery(text: "thing number", wantsFacets: true))
            }
        }
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
