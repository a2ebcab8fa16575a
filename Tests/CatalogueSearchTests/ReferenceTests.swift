import EventSourcing
import Testing

@testable import CatalogueSearch

/// Random catalogues and queries: the index must agree with plain arrays.
@Suite struct ReferenceTests {
    private struct World {
        var generator: SeededGenerator
        let words = [
            "red", "rot", "white", "whits", "lantern", "lanterne", "café", "cafes", "clock", "block", "heart", "hearts",
            "mug", "2010",
            "bag", "bags", "grün", "tea", "team", "towel",
        ]
        let categories = [[], ["Home"], ["Home", "Lighting"], ["Home", "Lighting", "Lamps"], ["Homes"], ["Toys"]]
        let brands: [String?] = [nil, "Émile", "Oak", "Oak & Co", "Lumen"]

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        mutating func oneIn(_ count: Int) -> Bool { number(1...count) == 1 }
        mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &generator)! }
        mutating func text(_ count: ClosedRange<Int>) -> String {
            (0..<number(count)).map { _ in pick(words) }.joined(separator: " ")
        }
        mutating func amount() -> Int64 {
            Int64(pick([0, 1, 499, 500, 999, 1_000, 1_500, 20_000, 1_000_000, 2_000_000]))
        }

        mutating func product() -> CatalogueChange {
            let id = number(0...60)
            let variants = (0..<number(0...3)).map { place in
                CatalogueVariant(
                    sku: "S\(id)-\(place)", amount: amount(), currency: oneIn(6) ? "EUR" : "GBP",
                    inStock: pick([nil, true, false]))
            }
            return .product(
                CatalogueDocument(
                    productID: "p\(id)", title: text(0...4), description: text(0...3), brand: pick(brands),
                    category: pick(categories),
                    attributes: oneIn(3) ? [CatalogueAttribute(name: "Colour", value: pick(words))] : [],
                    isActive: !oneIn(5),
                    variants: variants, unitsSold: oneIn(2) ? nil : Int64(number(0...3)),
                    createdAt: Timestamp(microseconds: Int64(number(0...5)))))
        }

        mutating func change() -> CatalogueChange {
            switch number(0...5) {
            case 0: .availability(sku: "S\(number(0...60))-\(number(0...2))", inStock: oneIn(2))
            case 1: .unitsSold(productID: "p\(number(0...60))", units: Int64(number(0...3)))
            default: product()
            }
        }

        mutating func query() -> CatalogueQuery {
            var query = CatalogueQuery(
                category: oneIn(2) ? pick(categories) : [], inStockOnly: oneIn(3),
                audience: oneIn(3) ? .staff : .customers,
                sort: pick(CatalogueQuery.Sort.allCases), limit: number(1...9))
            if oneIn(2) {
                var text = text(1...2)
                if oneIn(2) { text.removeLast() }
                if oneIn(3) { text.insert("x", at: text.index(text.startIndex, offsetBy: text.count / 2)) }
                if !NaiveCatalogue.words(text).isEmpty { query.text = text }
            }
            if oneIn(3) { query.brands = [pick(brands) ?? "Nobody", pick(brands) ?? "Oak"] }
            if oneIn(3) {
                query.price = .init(
                    currency: oneIn(4) ? "EUR" : "GBP", lowest: oneIn(2) ? amount() : nil,
                    highest: oneIn(2) ? amount() - (oneIn(2) ? 1 : 0) : nil)
            }
            if oneIn(12) { query.sku = "S\(number(0...60))-0" }
            return query
        }
    }

    @Test(arguments: 0..<12)
    func pagesTotalsAndFacetsAreThoseOfPlainArrays(seed: UInt64) async throws {
        var world = World(generator: SeededGenerator(seed: seed))
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        var naive = NaiveCatalogue()
        for position in 1...6 {
            let changes = (0..<world.number(1...60)).map { _ in world.change() }
            for change in changes { naive.apply(change) }
            try await index.apply(changes, through: LogIndex(UInt64(position)))
            for _ in 0..<12 {
                var query = world.query()
                query.wantsFacets = true
                let expected = naive.ids(query)
                let pages = try await index.allPages(query)
                if query.text != nil, query.sort == .relevance {
                    #expect(pages.sorted() == expected.sorted(), "seed \(seed) \(query)")
                    var whole = query
                    whole.limit = 100
                    #expect(try await index.ids(whole) == pages, "seed \(seed) \(query)")
                } else {
                    #expect(pages == expected, "seed \(seed) \(query)")
                }
                let page = try await index.search(query)
                #expect(page.facets == naive.facets(query), "seed \(seed) \(query)")
                #expect(page.total == .exactly(expected.count), "seed \(seed) \(query)")
                query.wantsFacets = false
                #expect(try await index.search(query).total == .exactly(expected.count), "seed \(seed) \(query)")
            }
        }
    }

    /// Products that stay as they are come exactly once, whatever happens to the others between the pages.
    @Test(arguments: 0..<8)
    func unchangedProductsNeitherRepeatNorGoMissingWhileOthersChange(seed: UInt64) async throws {
        var world = World(generator: SeededGenerator(seed: seed))
        for sort in CatalogueQuery.Sort.allCases {
            let index = try CatalogueIndex(at: .memory, limits: .patient)
            var position: UInt64 = 1
            try await index.apply((0..<150).map { _ in world.product() }, through: LogIndex(position))
            var query = CatalogueQuery(sort: sort, limit: world.number(1...5))
            if world.oneIn(2) { query.text = world.pick(["red", "whit", "bag", "te"]) }
            var whole = query
            whole.limit = 100
            let before = try await index.search(whole)
            var touched: Set<String> = []
            let pages = try await index.allPages(query) {
                position += 1
                var change = world.product()
                guard case .product(var product) = change else { return }
                if world.oneIn(2) {
                    product.productID = "new\(position)"
                    product.variants = []
                    change = .product(product)
                }
                touched.insert(product.productID)
                try await index.apply([change], through: LogIndex(position))
            }
            let unchanged = pages.filter { !touched.contains($0) }
            #expect(unchanged == before.productIDs.filter { !touched.contains($0) }, "seed \(seed) \(query)")
        }
    }
}
