import EventSourcing
import GRDB

/// Answers one query within one read transaction.
struct IndexReader {
    let db: Database
    let query: CatalogueQuery
    let filters: ProductFilters
    private let words: SearchWords?

    init(_ query: CatalogueQuery, in db: Database) throws {
        self.db = db
        self.query = query
        filters = try ProductFilters(query, in: db)
        let isBlank = query.text?.allSatisfy(\.isWhitespace) ?? true
        words = isBlank ? nil : SearchWords(query.text ?? "")
    }

    static func positions(in db: Database) throws -> AppliedPositions {
        var applied = AppliedPositions()
        let rows = try Row.fetchCursor(db.cachedStatement(sql: "SELECT log, position FROM applied"))
        while let row = try rows.next() {
            applied.positions[try row.value(0)] = LogIndex(UInt64(bitPattern: try row.value(1)))
        }
        return applied
    }

    func page() throws -> CataloguePage {
        let digest = QueryDigest(query, words: words?.words).value
        let order = ProductOrder(query.sort, hasText: words != nil)
        let cursor: SearchCursor? =
            if let text = query.cursor { try SearchCursor(text, digest: digest, isTitle: order == .title) } else { nil }

        let (expression, forgiven) = try expression(continuing: cursor)
        let source = try ProductSource(expression, filters: filters, order: order, limit: query.limit, in: db)
        let (products, last) = try source.page(behind: cursor, limit: query.limit)
        let facets = query.wantsFacets ? try FacetCounter(db: db, filters: filters, source: source).facets() : nil
        return CataloguePage(
            productIDs: products,
            nextCursor: last.map {
                SearchCursor(forgiven: forgiven, digest: digest, key: $0.key, id: $0.id).text
            },
            total: try facets.map { .exactly($0.total) } ?? source.total(),
            facets: facets?.facets, forgaveTypos: forgiven != 0, positions: try Self.positions(in: db))
    }

    /// What to ask the full-text index, nil for no text, and in which words a typo is forgiven, by their places.
    ///
    /// It is in a word that no product has: what a word that is in the catalogue finds does not depend on how many
    /// products have it.
    private func expression(continuing cursor: SearchCursor?) throws -> (SearchWords.Expression?, UInt16) {
        guard let words else { return (nil, 0) }
        var alternatives: [[String]] = []
        var forgiven: UInt16 = 0
        for (place, word) in words.words.enumerated() {
            var found: [String] = []
            let bit: UInt16 = 1 << UInt16(place)
            if try cursor.map({ $0.forgiven & bit != 0 }) ?? isUnknown(word, words.expression(of: place)) {
                found = try Misspelling.alternatives(to: word, in: db)
                if !found.isEmpty || cursor != nil { forgiven |= bit }
            }
            alternatives.append(found)
        }
        return (words.expression(alternatives: alternatives), forgiven)
    }

    /// Filters chosen by the person do not make a word misspelt, so only the audience counts.
    private func isUnknown(_ word: String, _ expression: SearchWords.Expression) throws -> Bool {
        guard Misspelling.isForgiven(in: word) else { return false }
        return try Int.fetchOne(
            db,
            sql: """
                SELECT 1 FROM words_of CROSS JOIN product p ON p.id = words_of.rowid
                WHERE words_of MATCH ? AND (p.active OR ?) LIMIT 1
                """, arguments: [expression.match, query.audience == .staff]) == nil
    }
}

/// The order of a page in SQL: a key, and the id in the same direction.
enum ProductOrder: Equatable {
    case relevance, priceAscending, priceDescending, newest, bestSelling, title

    init(_ sort: CatalogueQuery.Sort, hasText: Bool) {
        switch sort {
        case .relevance: self = hasText ? .relevance : .bestSelling
        case .priceAscending: self = .priceAscending
        case .priceDescending: self = .priceDescending
        case .newest: self = .newest
        case .bestSelling: self = .bestSelling
        case .title: self = .title
        }
    }

    /// The column of `product`, which has an index of the same name; nil for the score.
    var column: String? {
        switch self {
        case .relevance: nil
        case .priceAscending, .priceDescending: "price"
        case .newest: "created_at"
        case .bestSelling: "units_sold"
        case .title: "title_key"
        }
    }

    var isAscending: Bool { self == .priceAscending || self == .title }
}
