import GRDB

/// Counts products in one pass over rows that stand for one product each, or over the tally, whose rows stand for many.
struct FacetCounter {
    let db: Database
    let filters: ProductFilters
    let source: ProductSource

    /// How many products match.
    func total() throws -> CataloguePage.Total {
        if let tallied = talliedPrices { return .exactly(try count(tally(tallied)).total) }
        let (tables, own) = source.from(source.path)
        let limit = CataloguePage.totalCountedMax
        let counted = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM (SELECT 1 FROM \(tables) WHERE \(own.sql) AND \(filters.all.sql) LIMIT ?)",
            arguments: own.arguments + filters.all.arguments + [limit + 1])!
        return counted > limit ? .atLeast(limit) : .exactly(counted)
    }

    func facets() throws -> (facets: CatalogueFacets, total: Int) {
        let counts = try count(talliedPrices.map(tally) ?? products())
        return (try named(counts), counts.total)
    }

    // MARK: - Rows

    /// The condition under which a bucket is within the price filter, when the tally can answer the query: when it
    /// has neither words nor a SKU, and its price range cuts through no bucket.
    private var talliedPrices: SQLCondition? {
        guard source.expression == nil, filters.sku == nil else { return nil }
        var condition = SQLCondition()
        guard let range = filters.price else { return condition }
        guard let buckets = PriceBucket.exactly(range) else { return nil }
        condition.add(
            "p.currency = ? AND p.bucket >= ? AND p.bucket < ?", [range.currency.storable, buckets.lowerBound, buckets.upperBound])
        return condition
    }

    private func tally(_ price: SQLCondition) throws -> RowCursor {
        try rows("p.products", from: "tally p", price: price, own: SQLCondition())
    }

    private func products() throws -> RowCursor {
        var price = SQLCondition()
        if let range = filters.price {
            let (lowest, highest) = ProductFilters.bounds(of: range)
            price.add("p.currency = ? AND p.price BETWEEN ? AND ?", [range.currency.storable, lowest, highest])
        }
        // Without words or a SKU, every product counts for some facet. And an unknown category still leaves others.
        let path: ProductSource.Path =
            source.expression?.match == "" ? .nothing : source.expression != nil ? .words : filters.sku != nil ? .sku : .order
        let (tables, own) = path == .order ? ("product p", SQLCondition()) : source.from(path)
        return try rows("1", from: tables, price: price, own: own)
    }

    private func rows(_ count: String, from tables: String, price: SQLCondition, own: SQLCondition) throws -> RowCursor {
        try Row.fetchCursor(
            db,
            sql: """
                SELECT p.category, p.brand, p.currency, p.bucket, (\(price.sql)), \(count) FROM \(tables)
                WHERE \(own.sql) AND \(filters.common.sql)
                """, arguments: price.arguments + own.arguments + filters.common.arguments)
    }

    // MARK: - Counts

    private struct Counts {
        var total = 0
        var categories: [Int64: Int] = [:]
        var brands: [Int64: Int] = [:]
        /// By currency, then bucket.
        var prices: [String: [Int: Int]] = [:]
    }

    private func count(_ rows: RowCursor) throws -> Counts {
        var counts = Counts()
        while let row = try rows.next() {
            let category: Int64 = row[0]
            let brand: Int64 = row[1]
            let inCategory = filters.categories?.contains(category) ?? true
            let inBrand = filters.brands?.contains(brand) ?? true
            let inPrice: Bool = row[4]
            let count: Int = row[5]
            switch (inCategory, inBrand, inPrice) {
            case (true, true, true):
                counts.total += count
                counts.categories[category, default: 0] += count
                counts.brands[brand, default: 0] += count
                counts.prices[row[2], default: [:]][row[3], default: 0] += count
            case (false, true, true): counts.categories[category, default: 0] += count
            case (true, false, true): counts.brands[brand, default: 0] += count
            case (true, true, false): counts.prices[row[2], default: [:]][row[3], default: 0] += count
            default: break
            }
        }
        return counts
    }

    // MARK: - Names

    private func named(_ counts: Counts) throws -> CatalogueFacets {
        CatalogueFacets(categories: try categories(counts), brands: try brands(counts), prices: prices(counts))
    }

    private func categories(_ counts: Counts) throws -> [CatalogueFacets.CategoryCount] {
        var paths: [String: Int] = [:]
        for (id, count) in counts.categories where id != 0 {
            var path = IndexSchema.category(try name("SELECT path FROM category WHERE id = ?", id))
            while !path.isEmpty {
                paths[IndexSchema.path(path), default: 0] += count
                path.removeLast()
            }
        }
        return paths.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(CatalogueFacets.valuesMax)
            .map { .init(path: IndexSchema.category($0.key), count: $0.value) }
    }

    private func brands(_ counts: Counts) throws -> [CatalogueFacets.BrandCount] {
        try counts.brands.filter { $0.key != 0 }
            .map { .init(name: try name("SELECT name FROM brand WHERE id = ?", $0.key), count: $0.value) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            .prefix(CatalogueFacets.valuesMax).map { $0 }
    }

    private func prices(_ counts: Counts) -> [CatalogueFacets.PriceCount] {
        counts.prices.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }.flatMap { currency, buckets in
            buckets.sorted { $0.key < $1.key }.map {
                .init(
                    currency: currency, lowest: PriceBucket.lowest(of: $0.key), highest: PriceBucket.highest(of: $0.key),
                    count: $0.value)
            }
        }
    }

    private func name(_ sql: String, _ id: Int64) throws -> String {
        guard let name = try String.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) else {
            throw CatalogueIndexFailure(.damaged, "no name for \(id)")
        }
        return name
    }
}
