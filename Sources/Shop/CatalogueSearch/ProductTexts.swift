import GRDB

/// What is searched of a product, one per column of the full-text index.
struct Texts: Equatable {
    var title = ""
    var brand = ""
    var category = ""
    var attributes = ""
    var description = ""
    /// A line each.
    var skus = ""

    /// More of a description is not searched: it would drown the rest of the catalogue's words.
    static let descriptionBytesMax = 8_192

    init(_ document: CatalogueDocument) {
        title = document.title.storable
        brand = (document.brand ?? "").storable
        category = document.category.joined(separator: " ").storable
        attributes =
            document.attributes.map { "\($0.name) \($0.value)" }.joined(separator: " ")
            .prefix(bytes: Self.descriptionBytesMax).storable
        description = document.description.prefix(bytes: Self.descriptionBytesMax).storable
        skus = document.variants.map(\.sku).joined(separator: "\n").storable
    }

    private init(_ row: Row) throws {
        title = try row.value(0)
        brand = try row.value(1)
        category = try row.value(2)
        attributes = try row.value(3)
        description = try row.value(4)
        skus = try row.value(5)
    }

    static func stored(for id: Int64, in db: Database) throws -> Texts {
        let sql = "SELECT title, brand, category, attributes, description, skus FROM words_of WHERE rowid = ?"
        guard let row = try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) else {
            throw CatalogueIndexFailure(.damaged, "product \(id) has no texts")
        }
        return try Texts(row)
    }
}

/// Words that a batch brought up, and by how much the number of active titles with them changed.
struct WordCounts {
    private var titles: [String: Int] = [:]

    /// Counts the words of a product's texts: `titles` times those of the title.
    mutating func add(_ texts: Texts, titles count: Int) {
        for word in Set(SearchText.words(of: texts.title).map(\.text)) { titles[word, default: 0] += count }
        // Words that are gone stay in the table: they cost a look-up and find nothing.
        guard count >= 0 else { return }
        for text in [texts.brand, texts.category, texts.attributes, texts.description] where !text.isEmpty {
            for word in SearchText.words(of: text) { titles[word.text, default: 0] += 0 }
        }
    }

    /// Adds the counts to the table. In order, so that neighbours in it are written together.
    mutating func write(to db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO word (term, letters, reversed, titles) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET titles = titles + ?4 WHERE ?4 <> 0
                """)
        for (word, count) in titles.sorted(by: { $0.key < $1.key }) {
            let letters = word.unicodeScalars
            guard letters.count <= Misspelling.lettersMax else { continue }
            let reversed = String(String.UnicodeScalarView(letters.reversed()))
            try statement.execute(arguments: [word, letters.count, reversed, count])
        }
        titles.removeAll(keepingCapacity: true)
    }
}
