import Synchronization

/// The metrics of a process, told in Prometheus' text format.
///
/// Handles are made once, at the start, and kept; adding to one is an atomic operation and nothing else.
///
///     let placed = metrics.counter("cloudretail_orders_placed_total", "Orders placed.")
///     placed.add()
public final class Metrics: Sendable {
    /// Name and value pairs that tell the series of one metric apart. Values come from closed sets, never from clients.
    public typealias Labels = [(name: String, value: String)]

    struct Family: Sendable {
        let kind: String
        let help: String
        /// Each appends its lines.
        var series: [(labels: String, write: @Sendable (inout [UInt8]) -> Void)]
    }

    /// Families by name; names are sorted when they are told.
    private let families = Mutex<[String: Family]>([:])

    public init() {}

    public func counter(_ name: String, _ help: String, _ labels: Labels = []) -> Counter {
        let counter = Counter()
        register(name, "counter", help, labels) { [series = Self.series(name, labels)] text in
            Self.line(series, counter.value, &text)
        }
        return counter
    }

    public func gauge(_ name: String, _ help: String, _ labels: Labels = []) -> Gauge {
        let gauge = Gauge()
        register(name, "gauge", help, labels) { [series = Self.series(name, labels)] text in
            Self.line(series, gauge.value, &text)
        }
        return gauge
    }

    /// A gauge or a counter whose value is asked for when metrics are told.
    public func observed(
        _ name: String, _ help: String, _ labels: Labels = [], isCounter: Bool = false,
        _ value: @escaping @Sendable () -> Int
    ) {
        register(name, isCounter ? "counter" : "gauge", help, labels) { [series = Self.series(name, labels)] text in
            Self.line(series, value(), &text)
        }
    }

    /// As `observed`, for series that come and go.
    public func observedSeries(
        _ name: String, _ help: String, isCounter: Bool = false,
        _ values: @escaping @Sendable () -> [(labels: Labels, value: Int)]
    ) {
        register(name, isCounter ? "counter" : "gauge", help, []) { text in
            for (labels, value) in values() { Self.line(Self.series(name, labels), value, &text) }
        }
    }

    /// - Parameter bounds: the upper bounds of the buckets, ascending.
    public func histogram(
        _ name: String, _ help: String, _ labels: Labels = [], bounds: [Duration] = Histogram.latencyBounds
    ) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        register(name, "histogram", help, labels) { text in histogram.write(name, labels, &text) }
        return histogram
    }

    /// The text, version 0.0.4. https://prometheus.io/docs/instrumenting/exposition_formats/
    public func exposition() -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(64 << 10)
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            text.append(
                contentsOf: "# HELP \(name) \(Self.escape(family.help, quotes: false))\n# TYPE \(name) \(family.kind)\n"
                    .utf8)
            for series in family.series { series.write(&text) }
        }
        return text
    }

    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"
}

// MARK: - Families

extension Metrics {
    /// A metric is made in one place with one meaning; two that clash are a mistake of ours, found at the first start.
    func register(
        _ name: String, _ kind: String, _ help: String, _ labels: Labels,
        _ write: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
        precondition(Self.isName(name.utf8.filter { $0 != UInt8(ascii: ":") }), "\(name) is no metric name")
        for label in labels { precondition(Self.isName(Array(label.name.utf8)), "\(label.name) is no label name") }
        let key = Self.series("", labels)
        families.withLock { families in
            var family = families[name] ?? Family(kind: kind, help: help, series: [])
            precondition(family.kind == kind, "\(name) is a \(family.kind) already")
            precondition(!family.series.contains { $0.labels == key }, "\(name)\(key) exists already")
            family.series.append((key, write))
            families[name] = family
        }
    }

    /// Whether it is made of letters, digits and `_`, and begins with no digit.
    private static func isName(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    static func series(_ name: String, _ labels: Labels, _ more: (name: String, value: String)? = nil) -> String {
        let all = labels + (more.map { [$0] } ?? [])
        if all.isEmpty { return name }
        return name + "{" + all.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func line(_ series: String, _ value: Int, _ text: inout [UInt8]) {
        text.append(contentsOf: series.utf8)
        text.append(UInt8(ascii: " "))
        text.appendDecimal(Int64(value))
        text.append(UInt8(ascii: "\n"))
    }
}
