import EventSourcing
import Foundation
import Testing

@testable import CatalogueSearch

@Suite struct PositionTests {
    @Test func positionsAreKeptPerLogAndComeWithEveryPage() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        #expect(try await index.positions()[0] == .zero)
        try await index.apply([.product(.sample("a", "A"))], through: LogIndex(7))
        try await index.apply([], through: LogIndex(UInt64.max), of: 3)
        let page = try await index.search(CatalogueQuery())
        #expect(page.positions[0] == LogIndex(7))
        #expect(page.positions[3] == LogIndex(UInt64.max))
        #expect(page.positions[1] == .zero)
        #expect(try await index.positions() == page.positions)
    }

    @Test func whatTheIndexIsPastChangesNothing() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        #expect(try await index.apply([.product(.sample("a", "New"))], through: LogIndex(7)))
        #expect(try await !index.apply([.product(.sample("a", "Old"))], through: LogIndex(6)))
        #expect(try await index.ids("new") == ["a"])
        #expect(try await index.ids("old") == [])
        #expect(try await index.positions()[0] == LogIndex(7))
    }

    @Test func aBatchThatComesTwiceLeavesTheSame() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        let batch: [CatalogueChange] = [
            .product(.sample("a", "A", brand: "B", category: ["C"])), .unitsSold(productID: "a", units: 3),
            .availability(sku: "A", inStock: false),
        ]
        try await index.apply(batch, through: LogIndex(1))
        let once = try await index.search(CatalogueQuery(wantsFacets: true))
        try await index.apply(batch, through: LogIndex(1))
        #expect(try await index.search(CatalogueQuery(wantsFacets: true)) == once)
    }

    /// Readers beside a writer: a page that claims a position shows everything up to it, and nothing behind it.
    @Test func noPageClaimsAPositionWhoseChangesItDoesNotShow() async throws {
        try await withIndexFile { path in
            let index = try CatalogueIndex(at: .file(path), limits: .patient)
            let last: UInt64 = 150
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for position in 1...last {
                        try await index.apply([.product(.sample("p\(position)", "Thing"))], through: LogIndex(position))
                    }
                }
                for text in ["thing", nil] {
                    group.addTask {
                        var seen: UInt64 = 0
                        while seen < last {
                            let page = try await index.search(CatalogueQuery(text: text, limit: 1, wantsFacets: true))
                            try #require(page.total == .exactly(Int(page.positions[0].rawValue)))
                            try #require(page.positions[0].rawValue >= seen)
                            seen = page.positions[0].rawValue
                        }
                    }
                }
                try await group.waitForAll()
            }
            try index.close()
        }
    }

    @Test func aClosedIndexResumesWhereItWas() async throws {
        try await withIndexFile { path in
            let first = try CatalogueIndex(at: .file(path), limits: .patient)
            #expect(first.opening == .created)
            try await first.apply([.product(.sample("a", "Lantern"))], through: LogIndex(4))
            try first.close()
            await #expect(throws: CatalogueSearchError.self) { try await first.search(CatalogueQuery()) }
            let second = try CatalogueIndex(at: .file(path), limits: .patient)
            #expect(second.opening == .resumed)
            #expect(try await second.positions()[0] == LogIndex(4))
            #expect(try await second.ids("lantern") == ["a"])
            try second.close()
            try CatalogueIndex.discard(at: .file(path))
            let third = try CatalogueIndex(at: .file(path), limits: .patient)
            #expect(third.opening == .created)
            try third.close()
        }
    }
}
