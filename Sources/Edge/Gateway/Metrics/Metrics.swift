import Synchronization

/// The metrics of a process: what is told, to Prometheus (`exposition`) and to CloudWatch (`EmbeddedMetrics`).
///
/// Handles are made once, at the start, and kept; adding to one is an atomic operation and nothing else.
///
///     let placed = metrics.counter("cloudretail_orders_placed_total", "Orders placed.")
///     placed.add()
public final class Metrics: Sendable {
    /// Name and value pairs that tell the series of one metric apart. Values come from closed sets, never from clients.
    public typealias Labels = [(name: String, value: String)]

    enum Kind: String, Sendable { case counter, gauge, histogram }

    struct Family: Sendable {
        let kind: Kind
        let help: String
        /// Each with the labels that it was registered under.
        var series: [(key: String, read: @Sendable () -> [MetricSample])]

        /// What all series say now.
        var samples: [MetricSample] { series.flatMap { $0.read() } }
    }

    /// Families by name; names are sorted when they are told.
    private let all = Mutex<[String: Family]>([:])

    public init() {}

    /// The families registered so far, by name.
    var families: [String: Family] { all.withLock { $0 } }

    public func counter(_ name: String, _ help: String, _ labels: Labels = []) -> Counter {
        let counter = Counter()
        register(name, .counter, help, labels) { [MetricSample(labels, counter.value)] }
        return counter
    }

    public func gauge(_ name: String, _ help: String, _ labels: Labels = []) -> Gauge {
        let gauge = Gauge()
        register(name, .gauge, help, labels) { [MetricSample(labels, gauge.value)] }
        return gauge
    }

    /// A gauge or a counter whose value is asked for when metrics are told.
    public func observed(
        _ name: String, _ help: String, _ labels: Labels = [], isCounter: Bool = false,
        _ value: @escaping @Sendable () -> Int
    ) {
        register(name, isCounter ? .counter : .gauge, help, labels) { [MetricSample(labels, value())] }
    }

    /// A counter of time, told in seconds.
    ///
    /// - Parameter nanoseconds: asked for when metrics are told.
    public func observedTime(_ name: String, _ help: String, _ nanoseconds: @escaping @Sendable () -> Int) {
        register(name, .counter, help, []) { [MetricSample([], .time(nanoseconds: nanoseconds()))] }
    }

    /// As `observed`, for series that come and go.
    public func observedSeries(
        _ name: String, _ help: String, isCounter: Bool = false,
        _ values: @escaping @Sendable () -> [(labels: Labels, value: Int)]
    ) {
        register(name, isCounter ? .counter : .gauge, help, []) {
            values().map { MetricSample($0.labels, $0.value) }
        }
    }

    /// - Parameter bounds: the upper bounds of the buckets, ascending.
    public func histogram(
        _ name: String, _ help: String, _ labels: Labels = [], bounds: [Duration] = Histogram.latencyBounds
    ) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        register(name, .histogram, help, labels) { [MetricSample(labels, .durations(histogram.counts))] }
        return histogram
    }
}

// MARK: - Families

extension Metrics {
    /// A metric is made in one place with one meaning; two that clash are a mistake of ours, found at the first start.
    ///
    /// - Parameter labels: tell its series from others of the family.
    func register(
        _ name: String, _ kind: Kind, _ help: String, _ labels: Labels,
        _ read: @escaping @Sendable () -> [MetricSample]
    ) {
        precondition(Self.isName(name.utf8.filter { $0 != UInt8(ascii: ":") }), "\(name) is no metric name")
        for label in labels { precondition(Self.isName(Array(label.name.utf8)), "\(label.name) is no label name") }
        let key = Self.series("", labels)
        all.withLock { families in
            var family = families[name] ?? Family(kind: kind, help: help, series: [])
            precondition(family.kind == kind, "\(name) is a \(family.kind) already")
            precondition(!family.series.contains { $0.key == key }, "\(name)\(key) exists already")
            family.series.append((key, read))
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
}
