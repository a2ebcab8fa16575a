/// What a person looks for in the catalogue. All of it is text or numbers: nothing in it is query syntax.
public struct CatalogueQuery: Sendable, Equatable {
    /// Words that must all occur in a product's title, brand, category, attributes, description or SKUs; the last one
    /// may be the beginning of a word, from two letters on: of one letter a large part of a catalogue begins with it,
    /// and all of that part would have to be ranked. Case, accents, plurals and whether parts of a word are written
    /// together do not matter, and a typo is forgiven in a word that no product has. Of a longer text the first 1,024
    /// bytes and 12 words count. Nil or blank text asks for every product; text without a letter or a digit finds none.
    public var text: String?
    /// The category and all below it; empty for all.
    public var category: [String]
    /// Any of these, by exact name; empty for all.
    public var brands: [String]
    public var price: PriceRange?
    public var inStockOnly: Bool
    /// The product that has the variant with exactly this SKU.
    public var sku: String?
    public var audience: Audience
    public var sort: Sort
    /// Products per page, 1...100.
    public var limit: Int
    /// Where the page before this one ended; nil for the first page.
    public var cursor: String?
    /// Whether the page carries facet counts. Worth asking for on the first page only.
    public var wantsFacets: Bool

    public init(
        text: String? = nil, category: [String] = [], brands: [String] = [], price: PriceRange? = nil,
        inStockOnly: Bool = false, sku: String? = nil, audience: Audience = .customers, sort: Sort = .relevance,
        limit: Int = 20, cursor: String? = nil, wantsFacets: Bool = false
    ) {
        self.text = text
        self.category = category
        self.brands = brands
        self.price = price
        self.inStockOnly = inStockOnly
        self.sku = sku
        self.audience = audience
        self.sort = sort
        self.limit = limit
        self.cursor = cursor
        self.wantsFacets = wantsFacets
    }

    /// What one answer may hold.
    public static let limitMax = 100
    /// What a page of check boxes may name; each is a look-up.
    public static let brandsMax = 100
}

extension CatalogueQuery {
    public enum Audience: UInt8, Sendable {
        /// Active products only.
        case customers
        /// Inactive products too.
        case staff
    }

    /// The order of the products. Equals are ordered by when the index first heard of them.
    public enum Sort: String, Sendable, CaseIterable {
        /// Best match first; without text, the same as `bestSelling`.
        case relevance
        /// By the price of the cheapest variant; products without one come first in this order and last in the other.
        case priceAscending = "price_asc"
        case priceDescending = "price_desc"
        case newest
        case bestSelling = "best_selling"
        /// By the words of the title, case and accents aside.
        case title
    }

    /// Limits that the price of any variant lies within. Should a product have variants in several currencies, only
    /// those in the alphabetically first currency count.
    public struct PriceRange: Sendable, Equatable {
        /// ISO 4217. Prices in other currencies are outside of the range.
        public var currency: String
        /// In minor units, inclusive; nil for no limit.
        public var lowest: Int64?
        /// In minor units, inclusive; nil for no limit.
        public var highest: Int64?

        public init(currency: String, lowest: Int64? = nil, highest: Int64? = nil) {
            self.currency = currency
            self.lowest = lowest
            self.highest = highest
        }
    }
}
