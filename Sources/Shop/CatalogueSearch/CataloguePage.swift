import EventSourcing

/// One page of products that match a query, and the position in the logs that it is true of.
public struct CataloguePage: Sendable, Equatable {
    /// In the order asked for.
    public var productIDs: [String]
    /// Pass it as `CatalogueQuery.cursor` for the next page; nil at the end.
    public var nextCursor: String?
    public var total: Total
    /// Nil unless asked for.
    public var facets: CatalogueFacets?
    /// Whether a word that no product has was taken for a typo of what was meant.
    public var forgaveTypos: Bool
    /// Every change up to here, and none known to be missing, shows in this page.
    public var positions: AppliedPositions

    /// How many products match, over all pages.
    public enum Total: Sendable, Equatable {
        case exactly(Int)
        /// Counting stopped here.
        case atLeast(Int)
    }

    /// Where counting stops, unless the exact figure is known anyway.
    public static let totalCountedMax = 10_000
}

/// How many of the products that match fall under each value. Each facet disregards its own filter, so that it counts
/// what choosing another value would give. Values without a product are left out.
public struct CatalogueFacets: Sendable, Equatable {
    /// A category counts those below it too. Most products first, `valuesMax` at most.
    public var categories: [CategoryCount]
    /// Most products first, `valuesMax` at most.
    public var brands: [BrandCount]
    /// By currency, then cheapest first. A product counts once in each range that the price of a variant lies in.
    public var prices: [PriceCount]

    public struct CategoryCount: Sendable, Equatable {
        public var path: [String]
        public var count: Int
    }

    public struct BrandCount: Sendable, Equatable {
        public var name: String
        public var count: Int
    }

    public struct PriceCount: Sendable, Equatable {
        public var currency: String
        /// In minor units, inclusive, as `PriceRange` takes them; nil in `highest` for no limit.
        public var lowest: Int64
        public var highest: Int64?
        public var count: Int
    }

    /// More than a person reads.
    public static let valuesMax = 200
}

/// How a search may go on from what has been typed.
public struct CatalogueSuggestion: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case word, brand, category, title
    }
    public var kind: Kind
    /// As written in the catalogue; words in lower case and without accents; categories as `Home / Lighting`.
    public var text: String

    /// What one answer may hold.
    public static let limitMax = 50
}

/// Up to which index each log has been applied.
public struct AppliedPositions: Sendable, Equatable {
    var positions: [UInt32: LogIndex] = [:]

    /// Zero for a log of which nothing was applied.
    public subscript(log: UInt32) -> LogIndex { positions[log] ?? .zero }

    /// Whether a position of the log has been written, be it zero.
    public func contains(_ log: UInt32) -> Bool { positions[log] != nil }
}
