import EventSourcing
import GRDB

/// Answers one query within one read transaction.
struct IndexReader {
    let db: Database
    let query: CatalogueQuery
    let filters: ProductFilters
    private let words: SearchWords?

    /// With fewer hits than this, typos are forgiven.
    static let fewHits = 3

    init(_ query: CatalogueQuery, in db: Database) throws {
        self.db = db
        self.query = query
        filters = try ProductFilters(query, in: db)
        let isBlank = query.text?.allSatisfy(\.isWhitespace) ?? true
        words = isBlank ? nil : try SearchWords(query.text ?? "", by: WordSplitter(db))
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

        let (expression, forgivesTypos) = try expression(continuing: cursor)
        let source = try ProductSource(expression, filters: filters, order: order, limit: query.limit, in: db)
        let (products, last) = try source.page(behind: cursor, limit: query.limit)
        let facets = query.wantsFacets ? try FacetCounter(db: db, filters: filters, source: source).facets() : nil
        return CataloguePage(
            productIDs: products,
            nextCursor: last.map {
                SearchCursor(forgivesTypos: forgivesTypos, digest: digest, key: $0.key, id: $0.id).text
            },
            total: try facets.map { .exactly($0.total) } ?? source.total(),
            facets: facets?.facets, forgaveTypos: forgivesTypos, positions: try Self.positions(in: db))
    }

    /// What to ask the full-text index, nil for no text, and whether typos are forgiven in it.
    private func expression(continuing cursor: SearchCursor?) throws -> (SearchWords.Expression?, Bool) {
        guard let words else { return (nil, false) }
        let strict = words.expression()
        if strict.match.isEmpty { return (strict, false) }
        let forgives = try cursor?.forgivesTypos ?? (hits(of: strict, upTo: Self.fewHits) < Self.fewHits)
        guard forgives else { return (strict, false) }
        let forgiving = words.expression(
            alternatives: try words.words.map { try Misspelling.alternatives(to: $0, in: db) })
        return (forgiving, cursor != nil || forgiving != strict)
    }

    /// Filters chosen by the person do not make a word misspelt, so only the audience counts.
    private func hits(of expression: SearchWords.Expression, upTo limit: Int) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM (
                    SELECT 1 FROM words_of CROSS JOIN product p ON p.id = words_of.rowid
                    WHERE words_of MATCH ? AND (p.active OR ?) LIMIT ?)
                """, arguments: [expression.match, query.audience == .staff, limit])!
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
