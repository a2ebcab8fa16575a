import Histogram

/// Response times in a HdrHistogram: microseconds, three significant digits.
struct Latencies: Sendable {
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)

    mutating func record(_ latency: Duration) {
        let (seconds, attoseconds) = latency.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        record(microseconds: UInt64(clamping: microseconds))
    }

    mutating func record(microseconds: UInt64) { histogram.record(microseconds) }

    var summary: LatencySummary {
        guard histogram.totalCount > 0 else { return LatencySummary(p50: 0, p99: 0, p999: 0, max: 0) }
        func milliseconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1000 }
        return LatencySummary(
            p50: milliseconds(histogram.valueAtPercentile(50)),
            p99: milliseconds(histogram.valueAtPercentile(99)),
            p999: milliseconds(histogram.valueAtPercentile(99.9)),
            max: milliseconds(histogram.maxRecorded))
    }
}

/// Percentiles in milliseconds.
public struct LatencySummary: Codable, Equatable, Sendable {
    public let p50: Double
    public let p99: Double
    public let p999: Double
    public let max: Double

    /// `p50 1.2 ms, p99 …`, for people.
    public var text: String {
        let parts = [("p50", p50), ("p99", p99), ("p99.9", p999), ("max", max)]
        return parts.map { "\($0) \(decimal($1, digits: 2)) ms" }.joined(separator: ", ")
    }
}

/// A number with a fixed count of digits behind the point.
func decimal(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let rounded = (abs(value) * scale).rounded()
    guard rounded < 1e15 else { return "\(value)" }
    let whole = Int64(rounded)
    let fraction = String(whole % Int64(scale))
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole / Int64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
