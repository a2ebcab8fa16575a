import GRDB

/// The filters of a query, with names resolved to the numbers that rows carry.
struct ProductFilters {
    /// Nil for any; empty when the name is not known, which nothing can match.
    let categories: Set<Int64>?
    let brands: Set<Int64>?
    let price: Price?
    let sku: String?
    let inStockOnly: Bool
    let activeOnly: Bool

    init(_ query: CatalogueQuery, in db: Database) throws {
        let path = IndexSchema.path(query.category)
        let below = path + String(IndexSchema.pathSeparator)
        categories =
            path.isEmpty
            ? nil
            : try Int64.fetchSet(
                db.cachedStatement(
                    sql:
                        """
                        SELECT id FROM category WHERE path = ?
                        UNION SELECT id FROM category WHERE path >= ? AND path < ?
                        """
                ),
                arguments: [path, below, below.prefixEnd])
        if query.brands.isEmpty {
            brands = nil
        } else {
            let find = try db.cachedStatement(sql: "SELECT id FROM brand WHERE name = ?")
            brands = Set(try query.brands.compactMap { try Int64.fetchOne(find, arguments: [$0.storable]) })
        }
        price = try query.price.map { try Price($0, in: db) }
        sku = query.sku?.storable
        inStockOnly = query.inStockOnly
        activeOnly = query.audience == .customers
    }

    /// A range that the price of a variant lies in, in minor units.
    struct Price {
        /// -1 when no product has it.
        let currency: Int64
        /// Inclusive. What has no price has -1, and so is in no range.
        let lowest: Int64
        let highest: Int64
        /// The buckets that make up the range, when it cuts through none.
        let buckets: Range<Int>?

        init(_ range: CatalogueQuery.PriceRange, in db: Database) throws {
            let find = try db.cachedStatement(sql: "SELECT id FROM currency WHERE code = ?")
            currency = try Int64.fetchOne(find, arguments: [range.currency.storable]) ?? -1
            lowest = max(0, range.lowest ?? 0)
            highest = range.highest ?? .max
            buckets = PriceBucket.exactly(range)
        }

        /// What products are listed within the range, and perhaps some more.
        var around: String { "p.price <= \(highest) AND p.price_max >= \(lowest)" }

        /// Whether any variant lies in the range.
        var sql: String {
            if let buckets { return "p.currency = \(currency) AND p.buckets & \(PriceBucket.bits(of: buckets)) <> 0" }
            return """
                p.currency = \(currency) AND \(around)
                    AND (p.price >= \(lowest) OR p.price_max <= \(highest) OR EXISTS (
                    SELECT 1 FROM variant v WHERE v.product = p.id
                        AND v.currency = (SELECT code FROM currency WHERE id = \(currency))
                        AND v.amount BETWEEN \(lowest) AND \(highest)))
                """
        }
    }

    /// The filters that belong to no facet.
    var common: SQLCondition {
        var condition = SQLCondition()
        if activeOnly { condition.add("p.active") }
        if inStockOnly { condition.add("p.in_stock") }
        return condition
    }

    var all: SQLCondition {
        var condition = common
        if let inCategories { condition.add(inCategories) }
        if let inBrands { condition.add(inBrands) }
        if let price { condition.add(price.sql) }
        return condition
    }

    var inCategories: String? { categories.map { "p.category IN (\(Self.list($0)))" } }
    var inBrands: String? { brands.map { "p.brand IN (\(Self.list($0)))" } }

    private static func list(_ ids: Set<Int64>) -> String { ids.sorted().map(String.init).joined(separator: ",") }
}

/// Conditions that must all hold, and their arguments.
struct SQLCondition {
    private(set) var sql = "1"
    private(set) var arguments: StatementArguments = []

    mutating func add(_ condition: String, _ arguments: StatementArguments = []) {
        sql += " AND " + condition
        self.arguments += arguments
    }
}
