import EventSourcing

@testable import CatalogueSearch

/// The catalogue as plain arrays: what the index must agree with. Its words are ASCII and a few known accents.
struct NaiveCatalogue {
    struct Entry {
        var document: CatalogueDocument
        var words: Set<String>
        var titleKey: String
        var isInStock: Bool
        /// Of the cheapest variant, and of all.
        var price: (currency: String, amount: Int64)?
        var amounts: [Int64]
        var unitsSold: Int64
    }

    /// In the order in which they were first heard of.
    private(set) var documents: [CatalogueDocument] = []
    private var stock: [String: Bool] = [:]
    private var sold: [String: Int64] = [:]

    mutating func apply(_ change: CatalogueChange) {
        switch change {
        case .product(let document):
            for variant in document.variants { stock[variant.sku] = variant.inStock ?? stock[variant.sku] }
            if let units = document.unitsSold { sold[document.productID] = units }
            if let place = documents.firstIndex(where: { $0.productID == document.productID }) {
                documents[place] = document
            } else {
                documents.append(document)
            }
        case .availability(let sku, let inStock): stock[sku] = inStock
        case .unitsSold(let productID, let units): sold[productID] = units
        }
    }

    static func words(_ text: String) -> [String] {
        text.lowercased().replacing("é", with: "e").replacing("ü", with: "u").split { !$0.isLetter && !$0.isNumber }
            .map(String.init)
    }

    private func entry(_ document: CatalogueDocument) -> Entry {
        let attributes = document.attributes.flatMap { [$0.name, $0.value] }
        let texts = [document.title, document.description, document.brand ?? ""] + document.category + attributes
        let currency = document.variants.map(\.currency).min()
        return Entry(
            document: document, words: Set(texts.flatMap(Self.words)),
            titleKey: Self.words(document.title).joined(separator: " "),
            isInStock: document.variants.contains { stock[$0.sku] ?? false },
            price: currency.map { currency in
                (currency, document.variants.filter { $0.currency == currency }.map(\.amount).min()!)
            }, amounts: document.variants.filter { $0.currency == currency }.map(\.amount),
            unitsSold: sold[document.productID] ?? 0)
    }

    /// The places of the products that match, filters of facets left out if told, and whether typos were forgiven.
    func matches(
        _ query: CatalogueQuery, category: Bool = true, brand: Bool = true, price: Bool = true
    ) -> [(place: Int, entry: Entry)] {
        let visible = documents.enumerated().map { (place: $0.offset, entry: entry($0.element)) }
            .filter { query.audience == .staff || $0.entry.document.isActive }
        let words = Self.words(query.text ?? "")
        let unknown = Set(
            words.indices.filter { place in
                !visible.contains { Self.has(words[place], isLast: place == words.count - 1, in: $0.entry.words) }
            })
        let found = visible.filter { Self.has(words, in: $0.entry.words, forgiving: unknown) }
        return found.filter { _, entry in
            let document = entry.document
            if category, !document.category.starts(with: query.category) { return false }
            if brand, !query.brands.isEmpty, !query.brands.contains(document.brand ?? "") { return false }
            if price, let range = query.price {
                guard let price = entry.price, price.currency == range.currency else { return false }
                guard entry.amounts.contains(where: { $0 >= range.lowest ?? 0 && $0 <= range.highest ?? .max })
                else { return false }
            }
            if query.inStockOnly, !entry.isInStock { return false }
            if let sku = query.sku, !document.variants.contains(where: { $0.sku == sku }) { return false }
            return true
        }
    }

    private static func has(_ words: [String], in all: Set<String>, forgiving unknown: Set<Int>) -> Bool {
        words.enumerated().allSatisfy { place, word in
            has(word, isLast: place == words.count - 1, in: all)
                || unknown.contains(place) && word.count >= 4 && !word.contains(where: \.isNumber)
                    && all.contains { distance(word, $0) <= 1 }
        }
    }

    private static func has(_ word: String, isLast: Bool, in all: Set<String>) -> Bool {
        let stem = Stem.of(word)
        return all.contains { $0 == word || $0 == stem || Stem.of($0) == stem }
            || isLast && word.count >= 2 && all.contains { $0.hasPrefix(word) }
    }

    /// Damerau-Levenshtein by the textbook (optimal string alignment).
    static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left), Array(right))
        var rows = [Array(0...b.count)]
        for i in stride(from: 1, through: a.count, by: 1) {
            var row = [i]
            for j in stride(from: 1, through: b.count, by: 1) {
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }

    /// The ids in the order asked for. By relevance with text, in no order of meaning.
    func ids(_ query: CatalogueQuery) -> [String] {
        typealias Match = (place: Int, entry: Entry)
        func by<Key: Comparable>(_ key: (Match) -> Key, ascending: Bool) -> [Match] {
            matches(query).sorted {
                let (left, right) = (
                    (key($0), $0.entry.document.productID), (key($1), $1.entry.document.productID)
                )
                return ascending ? left < right : left > right
            }
        }
        let sorted =
            switch query.sort {
            case .relevance, .bestSelling: by({ $0.entry.unitsSold }, ascending: false)
            case .newest: by({ $0.entry.document.createdAt.microseconds }, ascending: false)
            case .priceAscending: by({ $0.entry.price?.amount ?? -1 }, ascending: true)
            case .priceDescending: by({ $0.entry.price?.amount ?? -1 }, ascending: false)
            case .title: by({ $0.entry.titleKey }, ascending: true)
            }
        return sorted.map(\.entry.document.productID)
    }

    func facets(_ query: CatalogueQuery) -> CatalogueFacets {
        var categories: [String: Int] = [:]
        for match in matches(query, category: false) {
            let path = match.entry.document.category
            for length in stride(from: 1, through: path.count, by: 1) {
                categories[path.prefix(length).joined(separator: "/"), default: 0] += 1
            }
        }
        var brands: [String: Int] = [:]
        for match in matches(query, brand: false) {
            if let brand = match.entry.document.brand { brands[brand, default: 0] += 1 }
        }
        var prices: [String: [Int: Int]] = [:]
        for match in matches(query, price: false) {
            guard let currency = match.entry.price?.currency else { continue }
            for bucket in Set(match.entry.amounts.map(PriceBucket.of)) {
                prices[currency, default: [:]][bucket, default: 0] += 1
            }
        }
        return CatalogueFacets(
            categories: categories.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { .init(path: $0.key.split(separator: "/").map(String.init), count: $0.value) },
            brands: brands.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                .init(name: $0.key, count: $0.value)
            },
            prices: prices.sorted { $0.key < $1.key }.flatMap { currency, buckets in
                buckets.sorted { $0.key < $1.key }.map {
                    .init(
                        currency: currency, lowest: PriceBucket.lowest(of: $0.key),
                        highest: PriceBucket.highest(of: $0.key),
                        count: $0.value)
                }
            })
    }
}
