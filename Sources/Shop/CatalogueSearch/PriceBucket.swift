/// The steps in which prices are counted: the 1-2-5 series that people think in, in minor units.
enum PriceBucket {
    private static let bounds: [Int64] = [
        0, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    ]
    static var count: Int { bounds.count }
    static func of(_ amount: Int64) -> Int { max(0, (bounds.lastIndex { $0 <= amount }) ?? 0) }

    static func bit(of amount: Int64) -> Int64 { 1 << Int64(of(amount)) }

    /// The bits of several buckets.
    static func bits(of buckets: Range<Int>) -> Int64 { buckets.reduce(0) { $0 | 1 << Int64($1) } }

    static func lowest(of bucket: Int) -> Int64 { bounds[bucket] }

    /// Inclusive; nil for the last bucket.
    static func highest(of bucket: Int) -> Int64? { bucket + 1 < bounds.count ? bounds[bucket + 1] - 1 : nil }

    /// The buckets that make up the range exactly; nil when it cuts through one.
    static func exactly(_ range: CatalogueQuery.PriceRange) -> Range<Int>? {
        let lowest = max(0, range.lowest ?? 0)
        guard let first = bounds.firstIndex(of: lowest) else { return nil }
        guard let highest = range.highest else { return first..<bounds.count }
        guard highest < Int64.max, let end = bounds.firstIndex(of: highest + 1), end >= first else { return nil }
        return first..<end
    }
}
