/// How often durations have fallen into buckets, at one moment.
struct HistogramCounts: Sendable, Equatable {
    /// The upper bounds of the buckets in nanoseconds, ascending.
    let bounds: [Int]
    /// One number per bound and one for what is above the last.
    let buckets: [Int]
    /// All durations together.
    let nanoseconds: Int

    var count: Int { buckets.reduce(0, +) }

    /// Together with what another histogram with the same bounds has recorded.
    func adding(_ other: HistogramCounts) -> HistogramCounts { combined(with: other, +) }

    /// What was recorded since `earlier`.
    func since(_ earlier: HistogramCounts) -> HistogramCounts { combined(with: earlier, -) }

    private func combined(with other: HistogramCounts, _ operation: (Int, Int) -> Int) -> HistogramCounts {
        precondition(bounds == other.bounds, "histograms of one family have the same buckets")
        return HistogramCounts(
            bounds: bounds, buckets: zip(buckets, other.buckets).map(operation),
            nanoseconds: operation(nanoseconds, other.nanoseconds))
    }

    /// As many durations as were recorded, or `limit` that stand for them at even ranks; each is told as the upper
    /// bound of its bucket, what is above the last bound as that one.
    ///
    /// - Returns: nanoseconds, ascending.
    func representatives(atMost limit: Int) -> [Int] {
        let count = count
        let told = min(count, limit)
        var (bucket, passed) = (0, 0)
        return (0..<told).map { place in
            // The middle of the stretch of ranks that it stands for.
            let rank = (2 * place + 1) * count / (2 * told)
            while passed + buckets[bucket] <= rank {
                passed += buckets[bucket]
                bucket += 1
            }
            return bounds[min(bucket, bounds.count - 1)]
        }
    }

    /// Nanoseconds as decimal seconds, exactly.
    static func seconds(_ nanoseconds: Int) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest == 0 { return String(whole) }
        var digits = String(rest)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
