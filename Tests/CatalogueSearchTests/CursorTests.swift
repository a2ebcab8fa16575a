import EventSourcing
import Testing

@testable import CatalogueSearch

@Suite struct CursorTests {
    private let index: CatalogueIndex

    init() async throws {
        index = try await .holding((0..<25).map { .sample("p\($0)", "Thing number \($0)", amount: Int64($0 % 3)) })
    }

    @Test func aCursorIsForItsQueryOnlyWhateverThePageSize() async throws {
        let query = CatalogueQuery(text: "thing", sort: .priceAscending, limit: 10)
        let cursor = try #require(try await index.search(query).nextCursor)
        var same = query
        same.cursor = cursor
        same.limit = 100
        #expect(try await index.search(same).productIDs.count == 15)

        var others = [CatalogueQuery](repeating: same, count: 8)
        others[0].text = "number"
        others[1].sort = .priceDescending
        others[2].audience = .staff
        others[3].brands = ["x"]
        others[4].category = ["x"]
        others[5].price = .init(currency: "GBP")
        others[6].inStockOnly = true
        others[7].sku = "P1"
        for other in others {
            await #expect(throws: CatalogueSearchError.cursorOfAnotherQuery) { try await index.search(other) }
        }
    }

    @Test(arguments: CatalogueQuery.Sort.allCases)
    func whatIsNoCursorIsRefused(sort: CatalogueQuery.Sort) async throws {
        var query = CatalogueQuery(text: "thing", sort: sort, limit: 5)
        let cursor = try #require(try await index.search(query).nextCursor)
        let garbage =
            [
                "", "x", "====", "AAAA", "🦊", cursor + "=", cursor + "A", "+" + cursor,
                String(repeating: "A", count: 100_000), "\0",
            ]
            + (1..<cursor.count).filter { sort != .title || $0 < 18 }.map { String(cursor.prefix($0)) }
        for text in garbage {
            query.cursor = text
            let refusal = await refusal(of: query)
            #expect([.cursorMalformed, .cursorOfAnotherQuery].contains(refusal), "\(text.prefix(60))")
        }
    }

    private func refusal(of query: CatalogueQuery) async -> CatalogueSearchError? {
        do {
            _ = try await index.search(query)
            return nil
        } catch { return error }
    }

    /// Two nodes have heard of the same products in other orders: one has read the log, the other has read states.
    @Test(arguments: CatalogueQuery.Sort.allCases)
    func aListGoesOnAtAnotherNode(sort: CatalogueQuery.Sort) async throws {
        let products = (0..<25).map {
            CatalogueDocument.sample("p\($0)", "Thing", amount: Int64($0 % 3))
        }
        let nodes = [
            try await CatalogueIndex.holding(products), try await CatalogueIndex.holding(products.reversed()),
        ]
        var query = CatalogueQuery(text: sort == .relevance ? "thing" : nil, sort: sort, limit: 4)
        var found: [String] = []
        var page = 0
        repeat {
            let answer = try await nodes[page % 2].search(query)
            found += answer.productIDs
            query.cursor = answer.nextCursor
            page += 1
        } while query.cursor != nil
        #expect(found.count == 25 && Set(found).count == 25)
        query.cursor = nil
        query.limit = 100
        for node in nodes { #expect(try await node.search(query).productIDs == found) }
    }

    @Test func limitsOutsideOfTheRangeAreRefused() async {
        for limit in [Int.min, -1, 0, 101, Int.max] {
            await #expect(throws: CatalogueSearchError.limitOutOfRange(max: 100)) {
                try await index.search(CatalogueQuery(limit: limit))
            }
        }
        await #expect(throws: CatalogueSearchError.tooManyBrands(max: 100)) {
            try await index.search(CatalogueQuery(brands: (0...100).map { "\($0)" }))
        }
    }

    @Test func scoresOfUnchangedProductsDoNotMoveWhenTheCatalogueChanges() async throws {
        var round = 0
        let pages = try await index.allPages(CatalogueQuery(text: "thing", limit: 4)) {
            round += 1
            let newcomers = (0..<20).map {
                CatalogueChange.product(.sample("new\(round)-\($0)", "thing thing longer titles move averages"))
            }
            try await index.apply(newcomers, through: LogIndex(UInt64(round + 1)))
        }
        #expect(pages.filter { $0.hasPrefix("p") }.sorted() == (0..<25).map { "p\($0)" }.sorted())
        #expect(Set(pages).count == pages.count)
    }

    @Test func whetherTyposAreForgivenIsDecidedOnTheFirstPage() async throws {
        let index = try await CatalogueIndex.holding([
            .sample("a", "Lantern One"), .sample("b", "Lantern Two"), .sample("c", "Lantern Three"),
        ])
        var round = 0
        let pages = try await index.allPages(CatalogueQuery(text: "lantren", limit: 1)) {
            round += 1
            let newcomers = (0..<5).map { CatalogueChange.product(.sample("n\(round)\($0)", "Lantren")) }
            if round == 1 { try await index.apply(newcomers, through: LogIndex(2)) }
        }
        #expect(pages.filter { !$0.hasPrefix("n") } == ["c", "b", "a"])
    }
}
