import EventSourcing
import GRDB

/// Applies changes within one transaction.
struct IndexWriter {
    private let db: Database
    private var nextProduct: Int64
    private var words = WordCounts()

    init(_ db: Database) throws {
        self.db = db
        nextProduct = try Int64.fetchOne(db.cachedStatement(sql: "SELECT ifnull(max(id), 0) + 1 FROM product"))!
    }

    /// Writes the changes, and the position that they lead to, unless the index is past it.
    ///
    /// - Returns: whether anything was written.
    mutating func apply(_ changes: [CatalogueChange], through position: LogIndex, of log: UInt32) throws -> Bool {
        let applied = try IndexReader.positions(in: db)[log]
        guard position >= applied else { return false }
        for change in changes {
            switch change {
            case .product(let document): try put(document)
            case .availability(let sku, let inStock): try setAvailability(of: sku.storable, to: inStock)
            case .unitsSold(let productID, let units): try setUnitsSold(of: productID.storable, to: units)
            }
        }
        try words.write(to: db)
        try run(
            """
            INSERT INTO applied (log, position) VALUES (?, ?)
            ON CONFLICT (log) DO UPDATE SET position = excluded.position
            """,
            log, Int64(bitPattern: position.rawValue))
        return true
    }

    private func run(_ sql: String, _ arguments: (any DatabaseValueConvertible)?...) throws {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    // MARK: - Products

    private mutating func put(_ document: CatalogueDocument) throws {
        let productID = document.productID.storable
        let known = try stored("product_id = ?", productID)
        let id = known?.id ?? nextProduct
        if known == nil { nextProduct &+= 1 }
        let texts = Texts(document)
        let others = try putVariants(document.variants, of: id, isKnown: known != nil)

        var facts = known?.facts ?? ProductFacts()
        facts.isActive = document.isActive
        facts.category = try categoryID(document.category)
        facts.brand = try brandID(document.brand ?? "")
        try list(&facts, product: id)
        let titleKey = SearchText.key(of: document.title)

        if let known {
            try run(
                """
                UPDATE product SET active = ?, in_stock = ?, category = ?, brand = ?, currency = ?, price = ?,
                    price_max = ?, buckets = ?, created_at = ?, units_sold = ifnull(?, units_sold), title_key = ?
                WHERE id = ?
                """, facts.isActive, facts.inStock, facts.category, facts.brand, facts.currency, facts.price,
                facts.priceMax, facts.buckets, document.createdAt.microseconds, document.unitsSold, titleKey, id)
            let before = try Texts.stored(for: id, in: db)
            if before != texts {
                try run(
                    """
                    UPDATE words_of SET title = ?, brand = ?, category = ?, attributes = ?, description = ?, skus = ?
                    WHERE rowid = ?
                    """, texts.title, texts.brand, texts.category, texts.attributes, texts.description, texts.skus, id)
            }
            if before != texts || known.facts.isActive != facts.isActive {
                words.add(before, titles: known.facts.isActive ? -1 : 0)
                words.add(texts, titles: facts.isActive ? 1 : 0)
            }
        } else {
            try run(
                """
                INSERT INTO product (id, product_id, active, in_stock, category, brand, currency, price,
                    price_max, buckets, created_at, units_sold, title_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, (SELECT units FROM early_sales WHERE product_id =
                ?2), 0), ?)
                """, id, productID, facts.isActive, facts.inStock, facts.category, facts.brand, facts.currency,
                facts.price, facts.priceMax, facts.buckets, document.createdAt.microseconds, document.unitsSold,
                titleKey)
            try run("DELETE FROM early_sales WHERE product_id = ?", productID)
            try run(
                """
                INSERT INTO words_of (rowid, title, brand, category, attributes, description, skus)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """, id, texts.title, texts.brand, texts.category, texts.attributes, texts.description, texts.skus)
            words.add(texts, titles: facts.isActive ? 1 : 0)
        }
        try tally(known?.facts, becomes: facts)
        for other in others { try relist(product: other) }
    }

    private func setUnitsSold(of productID: String, to units: Int64) throws {
        try run("UPDATE product SET units_sold = ? WHERE product_id = ?", units, productID)
        guard db.changesCount == 0 else { return }
        try run(
            """
            INSERT INTO early_sales (product_id, units) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET units = excluded.units
            """,
            productID, units)
    }

    private func categoryID(_ category: [String]) throws -> Int64 {
        let path = IndexSchema.path(category)
        guard !path.isEmpty else { return 0 }
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM category WHERE path = ?"), arguments: [path])
        {
            return id
        }
        try run("INSERT INTO category (path, key) VALUES (?, ?)", path, SearchText.key(of: category.last ?? ""))
        return db.lastInsertedRowID
    }

    private func currencyID(_ code: String) throws -> Int64 {
        let find = try db.cachedStatement(sql: "SELECT id FROM currency WHERE code = ?")
        if let id = try Int64.fetchOne(find, arguments: [code]) { return id }
        try run("INSERT INTO currency (code) VALUES (?)", code)
        return db.lastInsertedRowID
    }

    private func brandID(_ brand: String) throws -> Int64 {
        let name = brand.storable
        guard !name.isEmpty else { return 0 }
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM brand WHERE name = ?"), arguments: [name])
        {
            return id
        }
        try run("INSERT INTO brand (name, key) VALUES (?, ?)", name, SearchText.key(of: name))
        return db.lastInsertedRowID
    }

    // MARK: - Variants

    /// Gives the product these variants and no others.
    ///
    /// - Returns: products that lost a variant to this one.
    private func putVariants(_ variants: [CatalogueVariant], of product: Int64, isKnown: Bool) throws -> Set<Int64> {
        if isKnown { try run("UPDATE variant SET product = NULL WHERE product = ?", product) }
        var others: Set<Int64> = []
        for variant in variants {
            let sku = variant.sku.storable
            if let other = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT product FROM variant WHERE sku = ?"), arguments: [sku]),
                other != product
            {
                others.insert(other)
            }
            try run(
                """
                INSERT INTO variant (sku, product, currency, amount, in_stock) VALUES (?1, ?2, ?3, ?4, ifnull(?5, 0))
                ON CONFLICT (sku) DO UPDATE SET product = ?2, currency = ?3, amount = ?4, in_stock = ifnull(?5,
                in_stock)
                """, sku, product, variant.currency.storable, variant.amount, variant.inStock)
        }
        return others
    }

    private func setAvailability(of sku: String, to inStock: Bool) throws {
        try run(
            """
            INSERT INTO variant (sku, product, currency, amount, in_stock) VALUES (?1, NULL, '', 0, ?2)
            ON CONFLICT (sku) DO UPDATE SET in_stock = ?2 WHERE in_stock <> ?2
            """, sku, inStock)
        guard db.changesCount > 0,
            let product = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT product FROM variant WHERE sku = ?"), arguments: [sku])
        else { return }
        try relist(product: product)
    }

    /// Brings price and availability of a product in line with its variants.
    private func relist(product id: Int64) throws {
        guard let known = try stored("id = ?", id) else { return }
        var facts = known.facts
        try list(&facts, product: id)
        guard facts != known.facts else { return }
        try run(
            "UPDATE product SET in_stock = ?, currency = ?, price = ?, price_max = ?, buckets = ? WHERE id = ?",
            facts.inStock, facts.currency, facts.price, facts.priceMax, facts.buckets, id)
        try tally(known.facts, becomes: facts)
    }

    private func list(_ facts: inout ProductFacts, product id: Int64) throws {
        facts.inStock = false
        (facts.currency, facts.price, facts.priceMax, facts.buckets) = (0, -1, -1, 0)
        let variants = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT currency, amount, in_stock FROM variant WHERE product = ? ORDER BY currency, amount"),
            arguments: [id])
        var listed: String?
        while let variant = try variants.next() {
            facts.inStock = try facts.inStock || variant.value(2)
            let currency: String = try variant.value(0)
            // Of several currencies the alphabetically first is the one that the product is listed in.
            guard listed == nil || listed == currency else { continue }
            let amount: Int64 = try variant.value(1)
            if listed == nil { facts.price = amount }
            listed = currency
            facts.priceMax = amount
            facts.buckets |= PriceBucket.bit(of: amount)
        }
        if let listed { facts.currency = try currencyID(listed) }
    }

    // MARK: - Facts

    private func stored(_ condition: String, _ value: any DatabaseValueConvertible) throws -> (
        id: Int64, facts: ProductFacts
    )? {
        let sql =
            "SELECT id, active, in_stock, category, brand, currency, price, price_max, buckets FROM product WHERE "
            + condition
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [value]) else { return nil }
        let facts = try ProductFacts(
            isActive: row.value(1), inStock: row.value(2), category: row.value(3), brand: row.value(4),
            currency: row.value(5), price: row.value(6), priceMax: row.value(7), buckets: row.value(8))
        return (try row.value(0), facts)
    }

    private func tally(_ before: ProductFacts?, becomes after: ProductFacts) throws {
        if before?.tallyKey == after.tallyKey { return }
        if let before { try tally(before, add: -1) }
        try tally(after, add: 1)
    }

    private func tally(_ facts: ProductFacts, add count: Int) throws {
        try run(
            """
            INSERT INTO tally (brand, category, active, in_stock, currency, buckets, products) VALUES (?1, ?2, ?3,
            ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET products = products + ?7
            """, facts.brand, facts.category, facts.isActive, facts.inStock, facts.currency, facts.buckets, count)
        if count < 0 {
            try run(
                """
                DELETE FROM tally WHERE brand = ? AND category = ? AND active = ? AND in_stock = ? AND currency = ?
                AND buckets = ? AND products = 0
                """, facts.brand, facts.category, facts.isActive, facts.inStock, facts.currency, facts.buckets)
        }
    }
}

/// What filters and facets look at.
struct ProductFacts: Equatable {
    var isActive = false
    var inStock = false
    var category: Int64 = 0
    var brand: Int64 = 0
    var currency: Int64 = 0
    /// Of the cheapest variant, and of the dearest.
    var price: Int64 = -1
    var priceMax: Int64 = -1
    /// A bit for each bucket that a variant lies in.
    var buckets: Int64 = 0

    /// The facts, but for where in their buckets the prices lie.
    var tallyKey: ProductFacts {
        var key = self
        key.price = -1
        key.priceMax = -1
        return key
    }
}
