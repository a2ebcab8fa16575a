import GRDB

/// The tables of the index. A change to any of this takes a new `version`; indexes of other versions are rebuilt.
enum IndexSchema {
    static let version = 3
    /// Marks the file as ours ("CRcs").
    static let applicationID = 0x4352_6373

    /// How many letters of a prefix have an index of their own. Shorter prefixes match too much to be ranked in time.
    static let prefixLettersMin = 2

    static let tables = """
        CREATE TABLE applied (log INTEGER PRIMARY KEY, position INTEGER NOT NULL);

        -- Texts as written, and `key`: the words of the name (of its last part) folded, for suggestions.
        CREATE TABLE category (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, key TEXT NOT NULL);
        CREATE INDEX category_by_key ON category (key);
        CREATE TABLE brand (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key TEXT NOT NULL);
        CREATE INDEX brand_by_key ON brand (key);

        CREATE TABLE currency (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);

        -- What filters, orders and counts need. Category, brand and currency 0 and price -1 stand for none. The price
        -- is that of the cheapest variant, price_max of the dearest; buckets has a bit for each that a variant lies in.
        CREATE TABLE product (
            id INTEGER PRIMARY KEY, product_id TEXT NOT NULL UNIQUE, active INTEGER NOT NULL, in_stock INTEGER NOT NULL,
            category INTEGER NOT NULL, brand INTEGER NOT NULL, currency INTEGER NOT NULL, price INTEGER NOT NULL,
            price_max INTEGER NOT NULL, buckets INTEGER NOT NULL, created_at INTEGER NOT NULL,
            units_sold INTEGER NOT NULL, title_key TEXT NOT NULL);
        -- Those that a list is ordered by end with the product's own id: rows are numbered otherwise on every node.
        CREATE INDEX product_by_category ON product (category);
        CREATE INDEX product_by_brand ON product (brand);
        CREATE INDEX product_by_price ON product (price, product_id);
        CREATE INDEX product_by_prices ON product (price, price_max);
        CREATE INDEX product_by_created_at ON product (created_at, product_id);
        CREATE INDEX product_by_units_sold ON product (units_sold, product_id);
        CREATE INDEX product_by_title_key ON product (title_key, product_id);

        -- A SKU whose product is NULL was heard of, or has been, but belongs to no product now.
        CREATE TABLE variant (
            sku TEXT PRIMARY KEY, product INTEGER, currency TEXT NOT NULL, amount INTEGER NOT NULL,
            in_stock INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX variant_by_product ON variant (product, currency, amount, in_stock);

        -- Sales of products that are not known yet.
        CREATE TABLE early_sales (product_id TEXT PRIMARY KEY, units INTEGER NOT NULL) WITHOUT ROWID;

        -- How many products share all that facets look at: counts them without reading them.
        CREATE TABLE tally (
            brand INTEGER, category INTEGER, active INTEGER, in_stock INTEGER, currency INTEGER, buckets INTEGER,
            products INTEGER NOT NULL,
            PRIMARY KEY (brand, category, active, in_stock, currency, buckets)) WITHOUT ROWID;

        CREATE VIRTUAL TABLE words_of USING fts5 (
            title, brand, category, attributes, description, skus,
            tokenize = '\(CatalogueTokenizer.name)', prefix = '2 3', detail = column);

        -- Every word that may have been meant, to be found by either end; `titles` counts active titles that have it.
        CREATE TABLE word (
            term TEXT PRIMARY KEY, letters INTEGER NOT NULL, reversed TEXT NOT NULL, titles INTEGER NOT NULL)
            WITHOUT ROWID;
        CREATE INDEX word_by_start ON word (letters, term);
        CREATE INDEX word_by_end ON word (letters, reversed);
        """

    /// Between the parts of a category's path; cannot be typed, and is replaced where a name has it.
    static let pathSeparator: Character = "\u{1f}"

    /// The path of a category as it is stored.
    static func path(_ category: [String]) -> String {
        category.map { $0.storable.replacing(String(pathSeparator), with: "\u{fffd}") }
            .joined(separator: String(pathSeparator))
    }

    static func category(_ path: String) -> [String] {
        path.isEmpty ? [] : path.split(separator: pathSeparator, omittingEmptySubsequences: false).map(String.init)
    }
}

extension Row {
    /// The value in a column. One that cannot be what it should, which `subscript` would stop the process for, comes
    /// from a damaged file.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws -> Value {
        try decode(Value.self, atIndex: index)
    }
}

extension String {
    /// The string without NUL, at which SQLite's text would end.
    var storable: String {
        utf8.contains(0) ? replacing("\0", with: "\u{fffd}") : self
    }

    /// What sorts behind every string that begins with this one.
    var prefixEnd: String { self + "\u{10ffff}" }
}
