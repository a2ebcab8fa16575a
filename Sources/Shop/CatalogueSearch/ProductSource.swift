import GRDB

/// Where the products of a query are read from: the way that touches the fewest rows.
struct ProductSource {
    let db: Database
    let expression: SearchWords.Expression?
    let filters: ProductFilters
    let order: ProductOrder
    let path: Path

    enum Path: Equatable {
        /// The matches of the full-text index.
        case words
        /// The one variant.
        case sku
        /// Products in the order asked for, until a page is full.
        case order
        /// All products of the categories, brands or prices, ordered afterwards.
        case category, brand, prices
        /// All products, as they come.
        case all
        /// There are none.
        case nothing
    }

    init(
        _ expression: SearchWords.Expression?, filters: ProductFilters, order: ProductOrder, limit: Int, in db: Database
    ) throws {
        self.db = db
        self.expression = expression
        self.filters = filters
        self.order = order
        if expression?.match == "" || filters.categories == [] || filters.brands == [] {
            path = .nothing
        } else if expression != nil {
            path = .words
        } else if filters.sku != nil {
            path = .sku
        } else {
            path = try Self.cheapest(filters, limit: limit, in: db)
        }
    }

    /// Reading in order touches `limit * products / matches` rows, if matches are spread evenly; reading by a filter
    /// touches all that pass it. For one filter, the lesser of both is at most the root of `limit * products`.
    private static func cheapest(_ filters: ProductFilters, limit: Int, in db: Database) throws -> Path {
        let products = Double(try Int.fetchOne(db, sql: "SELECT ifnull(max(id), 0) FROM product")!)
        var matches = products
        var best = (path: Path.order, rows: Double.infinity)
        for (path, condition) in Self.conditions(filters) {
            let rows = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM (SELECT 1 FROM product p INDEXED BY product_by_\(path) WHERE \(condition)
                    LIMIT ?)
                    """, arguments: [estimatedRowsMax])!
            matches *= min(1, Double(rows) / max(1, products))
            if Double(rows) < best.rows { best = (path, Double(rows)) }
        }
        return best.rows <= Double(limit) * products / max(1, matches) ? best.path : .order
    }

    /// Filters that pass more are never worth reading by; each row counted takes some 30 ns.
    private static let estimatedRowsMax = 100_000

    private static func conditions(_ filters: ProductFilters) -> [(Path, String)] {
        [
            (Path.brand, filters.inBrands), (.category, filters.inCategories),
            (.prices, filters.price?.around),
        ].compactMap { path, condition in condition.map { (path, $0) } }
    }

    /// How many products match, up to the limit of counting.
    func total() throws -> CataloguePage.Total {
        var path = path
        // The order does not matter here, and the first filter is the narrowest as a rule.
        if ![.words, .sku, .nothing].contains(path) { path = Self.conditions(filters).first?.0 ?? .all }
        let (tables, own) = from(path)
        let limit = CataloguePage.totalCountedMax
        let counted = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM (SELECT 1 FROM \(tables) WHERE \(own.sql) AND \(filters.all.sql) LIMIT ?)",
            arguments: own.arguments + filters.all.arguments + [limit + 1])!
        return counted > limit ? .atLeast(limit) : .exactly(counted)
    }

    /// The FROM clause, and the condition that belongs to it.
    func from(_ path: Path) -> (sql: String, condition: SQLCondition) {
        var condition = SQLCondition()
        switch path {
        case .words:
            condition.add("words_of MATCH ?", [expression?.match])
            if filters.sku != nil { condition.add(Self.hasSKU, [filters.sku]) }
            return ("words_of CROSS JOIN product p ON p.id = words_of.rowid", condition)
        case .sku:
            condition.add(Self.hasSKU, [filters.sku])
            return ("product p", condition)
        case .order: return ("product p INDEXED BY product_by_\(order.column ?? "")", condition)
        case .category: return ("product p INDEXED BY product_by_category", condition)
        case .brand: return ("product p INDEXED BY product_by_brand", condition)
        case .prices:
            if let price = filters.price { condition.add(price.around) }
            return ("product p INDEXED BY product_by_prices", condition)
        case .all: return ("product p NOT INDEXED", condition)
        case .nothing:
            condition.add("0")
            return ("product p", condition)
        }
    }

    private static let hasSKU = "p.id = (SELECT product FROM variant WHERE sku = ?)"

    /// The ids of up to `limit` products behind the cursor, and where the next page begins if there is one.
    func page(behind cursor: SearchCursor?, limit: Int) throws -> (
        ids: [String], last: (key: SearchCursor.Key, id: String)?
    ) {
        guard path != .nothing else { return ([], nil) }
        let (tables, own) = from(path)
        var arguments: StatementArguments = []
        let key: String
        if let column = order.column {
            key = "p.\(column)"
        } else {
            key = "\(Relevance.functionName)(words_of, '\(expression?.phrases ?? "")')"
        }
        var sql = "SELECT p.product_id, \(key) FROM \(tables) WHERE \(own.sql) AND \(filters.all.sql)"
        arguments += own.arguments
        arguments += filters.all.arguments
        if let cursor {
            sql += " AND (\(key), p.product_id) \(order.isAscending ? ">" : "<") (?, ?)"
            switch cursor.key {
            case .number(let number): arguments += [number, cursor.id]
            case .title(let title): arguments += [title, cursor.id]
            }
        }
        let direction = order.isAscending ? "ASC" : "DESC"
        sql += " ORDER BY 2 \(direction), 1 \(direction) LIMIT ?"
        arguments += [limit + 1]

        var ids: [String] = []
        var last: (key: SearchCursor.Key, id: String)?
        let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
        while let row = try rows.next() {
            if ids.count == limit { return (ids, last) }
            let id: String = try row.value(0)
            ids.append(id)
            last = (order == .title ? .title(try row.value(1)) : .number(try row.value(1)), id)
        }
        return (ids, nil)
    }
}
