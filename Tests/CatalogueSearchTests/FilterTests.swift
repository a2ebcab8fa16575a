import EventSourcing
import Testing

@testable import CatalogueSearch

@Suite struct FilterTests {
    private func shop() async throws -> CatalogueIndex {
        try await .holding([
            .sample("a", "Apple", brand: "One", category: ["Food", "Fruit"], amount: 100, unitsSold: 5, createdAt: 1),
            .sample(
                "b", "Bread", brand: "Two", category: ["Food"], amount: 250, inStock: false, unitsSold: 9,
                createdAt: 2),
            .sample("c", "Chair", brand: "One", category: ["Foods"], amount: 9_999, unitsSold: 1, createdAt: 3),
            .sample("d", "Desk", category: ["Home", "Office"], amount: 20_000, currency: "EUR", createdAt: 4),
            .sample("e", "Easel", brand: "Two", category: ["Home"], isActive: false, amount: 400, createdAt: 5),
        ])
    }

    @Test func aCategoryHoldsThoseBelowItAndNoneThatMerelyBeginsAlike() async throws {
        let index = try await shop()
        #expect(try await index.ids(.init(category: ["Food"], sort: .title)) == ["a", "b"])
        #expect(try await index.ids(.init(category: ["Food", "Fruit"], sort: .title)) == ["a"])
        #expect(try await index.ids(.init(category: ["Foo"], sort: .title)) == [])
    }

    @Test func brandsPricesAvailabilityAndSKUsNarrow() async throws {
        let index = try await shop()
        #expect(try await index.ids(.init(brands: ["One", "Two"], sort: .title)) == ["a", "b", "c"])
        #expect(try await index.ids(.init(brands: ["Nobody"], sort: .title)) == [])
        #expect(
            try await index.ids(.init(price: .init(currency: "GBP", lowest: 100, highest: 250), sort: .title)) == [
                "a", "b",
            ])
        #expect(try await index.ids(.init(price: .init(currency: "EUR"), sort: .title)) == ["d"])
        #expect(try await index.ids(.init(inStockOnly: true, sort: .title)) == ["a", "c", "d"])
        #expect(try await index.ids(.init(sku: "C")) == ["c"])
        #expect(try await index.ids(.init(sku: "c")) == [])
        #expect(try await index.ids(.init(text: "chair", sku: "A")) == [])
    }

    @Test func aPriceRangeHoldsForAnyVariant() async throws {
        let index = try await CatalogueIndex.holding([
            CatalogueDocument(
                productID: "wide", title: "Wide",
                variants: [100, 2_500, 90_000].map { .init(sku: "W\($0)", amount: $0, currency: "GBP") },
                createdAt: .zero),
            .sample("low", "Low", amount: 150), .sample("high", "High", amount: 3_000),
        ])
        func found(_ lowest: Int64?, _ highest: Int64?) async throws -> [String] {
            let price = CatalogueQuery.PriceRange(currency: "GBP", lowest: lowest, highest: highest)
            let page = try await index.search(.init(price: price, sort: .title, wantsFacets: true))
            #expect(page.total == .exactly(page.productIDs.count))
            let counted = try await index.search(.init(price: price, sort: .title))
            #expect(counted.total == page.total)
            return page.productIDs
        }
        #expect(try await found(2_400, 2_600) == ["wide"])
        #expect(try await found(2_000, 4_999) == ["high", "wide"])
        #expect(try await found(nil, 200) == ["low", "wide"])
        #expect(try await found(80_000, nil) == ["wide"])
        #expect(try await found(4_000, 5_000) == [])
        #expect(try await found(500, 999) == [])
        let facets = try await index.search(.init(wantsFacets: true)).facets
        #expect(
            facets?.prices == [
                .init(currency: "GBP", lowest: 0, highest: 499, count: 2),
                .init(currency: "GBP", lowest: 2_000, highest: 4_999, count: 2),
                .init(currency: "GBP", lowest: 50_000, highest: 99_999, count: 1),
            ])
    }

    @Test func inactiveProductsAreForStaff() async throws {
        let index = try await shop()
        #expect(try await index.ids(.init(text: "easel")) == [])
        #expect(try await index.ids(.init(text: "easel", audience: .staff)) == ["e"])
        #expect(try await index.ids(.init(sku: "E")) == [])
        #expect(try await index.ids(.init(sku: "E", audience: .staff)) == ["e"])
    }

    @Test func everyOrderIsAsItsNameSays() async throws {
        let index = try await shop()
        #expect(try await index.ids(.init(sort: .priceAscending)) == ["a", "b", "c", "d"])
        #expect(try await index.ids(.init(sort: .priceDescending)) == ["d", "c", "b", "a"])
        #expect(try await index.ids(.init(sort: .newest)) == ["d", "c", "b", "a"])
        #expect(try await index.ids(.init(sort: .bestSelling)) == ["b", "a", "c", "d"])
        #expect(try await index.ids(.init(sort: .relevance)) == ["b", "a", "c", "d"])
        #expect(try await index.ids(.init(sort: .title)) == ["a", "b", "c", "d"])
    }

    @Test func eachFacetDisregardsItsOwnFilter() async throws {
        let page = try await shop().search(.init(category: ["Food"], brands: ["One"], wantsFacets: true))
        #expect(page.productIDs == ["a"])
        #expect(page.total == .exactly(1))
        #expect(
            page.facets?.categories == [
                .init(path: ["Food"], count: 1), .init(path: ["Food", "Fruit"], count: 1),
                .init(path: ["Foods"], count: 1),
            ])
        #expect(page.facets?.brands == [.init(name: "One", count: 1), .init(name: "Two", count: 1)])
        #expect(page.facets?.prices == [.init(currency: "GBP", lowest: 0, highest: 499, count: 1)])
    }

    @Test func availabilityAndSalesMayComeBeforeTheirProductAndOutliveItsChanges() async throws {
        let index = try CatalogueIndex(at: .memory, limits: .patient)
        try await index.apply(
            [.availability(sku: "X", inStock: true), .unitsSold(productID: "x", units: 7)], through: .init(1), of: 2)
        var product = CatalogueDocument(
            productID: "x", title: "X", variants: [.init(sku: "X", amount: 5, currency: "GBP")], createdAt: .zero)
        try await index.apply([.product(product), .product(.sample("y", "Y", unitsSold: 6))], through: .init(1))
        #expect(try await index.ids(.init(inStockOnly: true)) == ["x", "y"])
        product.title = "Xylophone"
        try await index.apply([.product(product)], through: .init(2))
        #expect(try await index.ids(.init(inStockOnly: true)) == ["x", "y"])
        try await index.apply([.availability(sku: "X", inStock: false)], through: .init(2), of: 2)
        #expect(try await index.ids(.init(inStockOnly: true)) == ["y"])
    }

    @Test func aVariantBelongsToTheProductThatNamedItLast() async throws {
        let index = try await shop()
        var product = CatalogueDocument.sample("c", "Chair", amount: 9_999)
        product.variants.append(.init(sku: "A", amount: 10, currency: "GBP"))
        try await index.apply([.product(product)], through: .init(2))
        #expect(try await index.ids(.init(sku: "A")) == ["c"])
        #expect(try await index.ids(.init(price: .init(currency: "GBP", highest: 100))) == ["c"])
        product.variants = []
        try await index.apply([.product(product)], through: .init(3))
        #expect(try await index.ids(.init(sku: "A")) == [])
        #expect(try await index.ids(.init(sort: .priceAscending)).prefix(2) == ["a", "c"])
    }

    @Test func totalsAreExactUpToTheLimitOfCounting() async throws {
        let count = CataloguePage.totalCountedMax
        let index = try await CatalogueIndex.holding(
            (0...count).map { .sample("p\($0)", "Thing \($0 == 0 ? "odd" : "even")") })
        #expect(try await index.search(.init(text: "thing", limit: 1)).total == .atLeast(count))
        #expect(try await index.search(.init(text: "even", limit: 1)).total == .exactly(count))
        #expect(try await index.search(.init(limit: 1)).total == .atLeast(count))
        #expect(try await index.search(.init(text: "thing", limit: 1, wantsFacets: true)).total == .exactly(count + 1))
    }
}
