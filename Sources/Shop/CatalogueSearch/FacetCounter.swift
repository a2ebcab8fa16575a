import GRDB

/// Counts products in one pass over rows that stand for one product each, or over the tally, whose rows stand for many.
/// The facet of prices counts a product once for each bucket that one of its variants lies in.
struct FacetCounter {
    let db: Database
    let filters: ProductFilters
    let source: ProductSource

    /// The facets, and how many products match all filters.
    func facets() throws -> (facets: CatalogueFacets, total: Int) {
        let counts = try count(rows())
        let facets = CatalogueFacets(
            categories: try categories(counts), brands: try brands(counts), prices: try prices(counts))
        return (facets, counts.total)
    }

    /// Category, brand, currency, buckets, whether within the price filter, and how many products.
    ///
    /// The tally has them, unless the query has words or a SKU, or its price range cuts through a bucket.
    private func rows() throws -> RowCursor {
        let isPlain = source.expression == nil && filters.sku == nil
        var (tables, own) = ("product p", SQLCondition())
        let inPrice = filters.price?.sql ?? "1"
        var products = "1"
        if isPlain, filters.price == nil || filters.price?.buckets != nil {
            tables = "tally p"
            products = "p.products"
        } else if !isPlain {
            // Names that no product has still leave the facet that disregards them.
            let path: ProductSource.Path =
                source.expression == nil ? .sku : source.expression?.match == "" ? .nothing : .words
            (tables, own) = source.from(path)
        }
        return try Row.fetchCursor(
            db,
            sql: """
                SELECT p.category, p.brand, p.currency, p.buckets, (\(inPrice)), \(products) FROM \(tables)
                WHERE \(own.sql) AND \(filters.common.sql)
                """, arguments: own.arguments + filters.common.arguments)
    }

    // MARK: - Counts

    /// Counts by the small numbers that categories, brands and currencies have: this is done for every row.
    private struct Counts {
        var total = 0
        var categories: [Int] = []
        var brands: [Int] = []
        /// By currency times the number of buckets, plus bucket; 0 for no price.
        var prices: [Int] = []

        /// More categories or brands than a catalogue has: a number behind this comes from a damaged file.
        static let placesMax: Int64 = 4_000_000

        /// No currency has number 0, so those places are free for what has no price.
        static func place(_ currency: Int64, _ bucket: Int) -> Int64 {
            1..<placesMax ~= currency ? currency * Int64(PriceBucket.count) + Int64(bucket) : 0
        }

        /// Counts the products once in each of their buckets.
        mutating func addPrices(_ count: Int, _ currency: Int64, _ buckets: Int64) throws {
            for bucket in 0..<PriceBucket.count where buckets & (1 << Int64(bucket)) != 0 {
                try Self.add(count, to: &prices, at: Self.place(currency, bucket))
            }
        }

        static func add(_ count: Int, to counts: inout [Int], at place: Int64) throws {
            guard 0..<placesMax ~= place else { throw CatalogueIndexFailure(.damaged, "no such number: \(place)") }
            if place >= counts.count {
                counts.append(contentsOf: repeatElement(0, count: Int(place) + 1 - counts.count))
            }
            counts[Int(place)] &+= count
        }
    }

    private func count(_ rows: RowCursor) throws -> Counts {
        var counts = Counts()
        while let row = try rows.next() {
            let category: Int64 = try row.value(0)
            let brand: Int64 = try row.value(1)
            let currency: Int64 = try row.value(2)
            let buckets: Int64 = try row.value(3)
            let isPriceWithin: Bool = try row.value(4)
            let count: Int = try row.value(5)
            let isCategoryWithin = filters.categories?.contains(category) ?? true
            let isBrandWithin = filters.brands?.contains(brand) ?? true
            switch (isCategoryWithin, isBrandWithin, isPriceWithin) {
            case (true, true, true):
                counts.total &+= count
                try Counts.add(count, to: &counts.categories, at: category)
                try Counts.add(count, to: &counts.brands, at: brand)
                try counts.addPrices(count, currency, buckets)
            case (false, true, true): try Counts.add(count, to: &counts.categories, at: category)
            case (true, false, true): try Counts.add(count, to: &counts.brands, at: brand)
            case (true, true, false): try counts.addPrices(count, currency, buckets)
            default: break
            }
        }
        return counts
    }

    // MARK: - Names

    private func categories(_ counts: Counts) throws -> [CatalogueFacets.CategoryCount] {
        var paths: [String: Int] = [:]
        for (id, count) in counts.categories.enumerated() where id != 0 && count > 0 {
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
        try counts.brands.enumerated().filter { $0.offset != 0 && $0.element > 0 }
            .map { .init(name: try name("SELECT name FROM brand WHERE id = ?", $0.offset), count: $0.element) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
            .prefix(CatalogueFacets.valuesMax).map { $0 }
    }

    private func prices(_ counts: Counts) throws -> [CatalogueFacets.PriceCount] {
        try counts.prices.enumerated().filter { $0.offset != 0 && $0.element > 0 }
            .map { place, count in
                let (currency, bucket) = place.quotientAndRemainder(dividingBy: PriceBucket.count)
                return .init(
                    currency: try name("SELECT code FROM currency WHERE id = ?", currency),
                    lowest: PriceBucket.lowest(of: bucket), highest: PriceBucket.highest(of: bucket), count: count)
            }
            .sorted { ($0.currency, $0.lowest) < ($1.currency, $1.lowest) }
    }

    private func name(_ sql: String, _ id: Int) throws -> String {
        guard let name = try String.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) else {
            throw CatalogueIndexFailure(.damaged, "no name for \(id)")
        }
        return name
    }
}
