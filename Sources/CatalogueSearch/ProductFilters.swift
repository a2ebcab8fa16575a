import GRDB

/// The filters of a query, with names resolved to the numbers that rows carry.
struct ProductFilters {
    /// Nil for any; empty when the name is not known, which nothing can match.
    let categories: Set<Int64>?
    let brands: Set<Int64>?
    let price: CatalogueQuery.PriceRange?
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
                db.cachedStatement(sql: "SELECT id FROM category WHERE path = ? UNION SELECT id FROM category WHERE path >= ? AND path < ?"),
                arguments: [path, below, below.prefixEnd])
        if query.brands.isEmpty {
            brands = nil
        } else {
            let find = try db.cachedStatement(sql: "SELECT id FROM brand WHERE name = ?")
            brands = Set(try query.brands.compactMap { try Int64.fetchOne(find, arguments: [$0.storable]) })
        }
        price = query.price
        sku = query.sku?.storable
        inStockOnly = query.inStockOnly
        activeOnly = query.audience == .customers
    }

    /// In minor units, inclusive. What has no price has -1, and so is in no range.
    static func bounds(of range: CatalogueQuery.PriceRange) -> (lowest: Int64, highest: Int64) {
        (max(0, range.lowest ?? 0), range.highest ?? .max)
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
        if let categories { condition.add("p.category IN (\(Self.list(categories)))") }
        if let brands { condition.add("p.brand IN (\(Self.list(brands)))") }
        if let price {
            let (lowest, highest) = Self.bounds(of: price)
            condition.add("p.currency = ? AND p.price BETWEEN ? AND ?", [price.currency.storable, lowest, highest])
        }
        return condition
    }

    static func list(_ ids: Set<Int64>) -> String { ids.sorted().map(String.init).joined(separator: ",") }
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
