import GRDB

/// Finds how a search may go on, among what customers can see.
struct Suggestions {
    let db: Database

    /// How many titles that begin alike are compared by sales.
    private static let titlesComparedMax = 500

    func suggest(_ prefix: String, limit: Int) throws -> [CatalogueSuggestion] {
        let words = SearchWords(prefix)
        let key = words.words.joined(separator: " ")
        guard !key.isEmpty else { return [] }
        // Titles fill what the other kinds leave.
        let share = max(1, limit / 4)
        var found: [CatalogueSuggestion] = []
        if words.words.count == 1 {
            found += try texts(
                """
                SELECT term FROM word WHERE term >= ?1 AND term < ?2 AND titles > 0
                ORDER BY titles DESC, term LIMIT ?3
                """,
                key, share
            ).map { .init(kind: .word, text: $0) }
        }
        found += try texts(Self.named("name", in: "brand"), key, share).map { .init(kind: .brand, text: $0) }
        found += try texts(Self.named("path", in: "category"), key, share)
            .map { .init(kind: .category, text: IndexSchema.category($0).joined(separator: " / ")) }
        found += try titles(key, words, limit: limit).map { .init(kind: .title, text: $0) }
        var seen: Set<CatalogueSuggestion> = []
        return Array(found.filter { seen.insert($0).inserted }.prefix(limit))
    }

    private static func named(_ name: String, in table: String) -> String {
        """
        SELECT \(name) FROM \(table) t WHERE key >= ?1 AND key < ?2
            AND EXISTS (SELECT 1 FROM product p INDEXED BY product_by_\(table) WHERE p.\(table) = t.id AND p.active)
        ORDER BY key, \(name) LIMIT ?3
        """
    }

    /// Titles that begin with what was typed, best selling first, then those that have the words elsewhere.
    private func titles(_ key: String, _ words: SearchWords, limit: Int) throws -> [String] {
        var titles = try texts(
            """
            SELECT words_of.title FROM (
                SELECT id, product_id, units_sold FROM product INDEXED BY product_by_title_key WHERE title_key >= ?1 AND
                title_key < ?2 AND active
                LIMIT \(Self.titlesComparedMax)) p
            CROSS JOIN words_of ON words_of.rowid = p.id ORDER BY p.units_sold DESC, p.product_id LIMIT ?3
            """, key, limit)
        if titles.count < limit {
            titles += try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT title FROM words_of CROSS JOIN product p ON p.id = words_of.rowid
                        WHERE words_of MATCH ? AND p.active LIMIT ?
                        """), arguments: ["title : (\(words.expression().match))", limit])
        }
        return titles
    }

    private func texts(_ sql: String, _ key: String, _ limit: Int) throws -> [String] {
        try String.fetchAll(db.cachedStatement(sql: sql), arguments: [key, key.prefixEnd, limit])
    }
}
