import CatalogueSearch
import Commerce
import Hummingbird

/// The query of `GET /products`.
enum ProductQuery {
    static func read(_ request: Request, isStaff: Bool) throws -> CatalogueQuery {
        try QueryReader.read(request) { query in
            var search = CatalogueQuery()
            search.text = query.string("q", length: 0...1_024)
            search.category = categoryPath(
                query.string("category", length: 0...Product.Details.categoryLengthMax) ?? "")
            search.brands = query.string("brand", length: 1...Product.Details.brandLengthMax).map { [$0] } ?? []
            search.price = readPrice(&query)
            search.inStockOnly = query.boolean("in_stock") ?? false
            search.sku = query.value("sku", FieldForm.sku) { SKU($0) }?.description
            search.sort = query.choice("sort", of: CatalogueQuery.Sort.self) ?? .relevance
            search.limit = Int(query.integer("limit", in: 1...Int64(CatalogueQuery.limitMax)) ?? 20)
            search.cursor = query.string("cursor", length: 1...1_024)
            search.wantsFacets = query.boolean("facets") ?? false
            if isStaff, query.boolean("include_inactive") ?? false { search.audience = .staff }
            return search
        }
    }

    private static func readPrice(_ query: inout QueryReader) -> CatalogueQuery.PriceRange? {
        let lowest = query.integer("price_min", in: 0...Placement.unitPriceMax)
        let highest = query.integer("price_max", in: 0...Placement.unitPriceMax)
        let currency = query.value("currency", FieldForm.currency) { Currency(listed: $0) }
        guard let currency else {
            // An amount without a currency is no price.
            return lowest == nil && highest == nil
                ? nil : query.refuse("currency", "must go with price_min and price_max")
        }
        return CatalogueQuery.PriceRange(currency: currency.description, lowest: lowest, highest: highest)
    }

    /// `Home/Lighting` from the widest category to the narrowest.
    static func categoryPath(_ text: String) -> [String] { text.split(separator: "/").map(String.init) }
}

/// One page of a list of products.
struct ProductPage {
    let page: CataloguePage
    let products: [ProductDocument]

    var json: JSONWriter {
        var json = JSONWriter(capacity: 256 + products.reduce(0) { $0 + $1.body.readableBytes + 1 })
        json.object { json in
            json.array("data") { json in for product in products { json.raw(product.body.readableBytesView) } }
            json.field("next_cursor", page.nextCursor)
            switch page.total {
            case .exactly(let count): write(count, isExact: true, to: &json)
            case .atLeast(let count): write(count, isExact: false, to: &json)
            }
            json.field("forgave_typos", page.forgaveTypos)
            if let facets = page.facets { json.object("facets") { write(facets, to: &$0) } }
        }
        return json
    }

    private func write(_ total: Int, isExact: Bool, to json: inout JSONWriter) {
        json.field("total", total)
        json.field("total_is_exact", isExact)
    }

    private func write(_ facets: CatalogueFacets, to json: inout JSONWriter) {
        json.array("categories") { json in
            for category in facets.categories {
                json.object { json in
                    json.field("category", category.path.joined(separator: "/"))
                    json.field("count", category.count)
                }
            }
        }
        json.array("brands") { json in
            for brand in facets.brands {
                json.object { json in
                    json.field("brand", brand.name)
                    json.field("count", brand.count)
                }
            }
        }
        json.array("prices") { json in
            for price in facets.prices {
                json.object { json in
                    json.field("currency", price.currency)
                    json.field("price_min", price.lowest)
                    json.field("price_max", price.highest)
                    json.field("count", price.count)
                }
            }
        }
    }
}
