import EventSourcing

/// Tells Amazon CloudWatch of metrics, by lines of a log in its Embedded Metric Format.
///
/// A counter is told as what it has grown by since the line before, a gauge as it stands, durations as values.
/// Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide.
public struct EmbeddedMetrics: Sendable {
    /// Of one line, by the specification.
    static let metricsPerLineMax = 100
    /// Of one metric on a line, by the specification.
    static let valuesMax = 100

    /// A name and a value that tell metrics of one name apart.
    public typealias Dimension = (name: String, value: String)

    private struct Told {
        let name: String
        let unit: String
        /// A number, or an array of them.
        let value: String
    }

    private let registry: Metrics
    private let namespace: String
    private let dimensions: [Dimension]
    private let metrics: [EmbeddedMetric]
    /// What counters and durations said on the line before, by the metric's name.
    private var before: [String: MetricSample.Value] = [:]

    /// - Parameters:
    ///   - namespace: where CloudWatch keeps them.
    ///   - dimensions: from the widest, such as the cluster, to the narrowest: metrics are kept for each of them.
    ///   - metrics: what is told, as far as the registry has it.
    public init(_ registry: Metrics, namespace: String, dimensions: [Dimension], metrics: [EmbeddedMetric]) {
        self.registry = registry
        self.namespace = namespace
        self.dimensions = dimensions
        self.metrics = metrics
    }

    /// What there is to tell now: whole lines, their ends included.
    public mutating func lines(at time: Timestamp) -> [[UInt8]] {
        let families = registry.families
        let told = metrics.compactMap { metric in families[metric.family].flatMap { tell(metric, of: $0) } }
        return stride(from: 0, to: told.count, by: Self.metricsPerLineMax).map { place in
            line(told[place..<min(place + Self.metricsPerLineMax, told.count)], at: time)
        }
    }

    /// - Returns: nil where nothing was recorded.
    private mutating func tell(_ metric: EmbeddedMetric, of family: Metrics.Family) -> Told? {
        guard let now = metric.value(in: family) else { return nil }
        let earlier = family.kind == .gauge ? nil : before.updateValue(now, forKey: metric.name)
        return Self.json(now.since(earlier)).map { Told(name: metric.name, unit: metric.unit(in: family), value: $0) }
    }

    private static func json(_ value: MetricSample.Value) -> String? {
        switch value {
        case .number(let number): return "\(number)"
        case .time(let nanoseconds): return HistogramCounts.seconds(nanoseconds)
        case .durations(let counts):
            let values = counts.representatives(atMost: valuesMax).map(HistogramCounts.seconds)
            return values.isEmpty ? nil : "[" + values.joined(separator: ",") + "]"
        }
    }

    private func line(_ told: ArraySlice<Told>, at time: Timestamp) -> [UInt8] {
        var json = JSONWriter(capacity: 4_096)
        json.object { json in
            json.field("time", time)
            json.field("level", "info")
            json.field("logger", "metrics")
            json.field("message", "metrics")
            json.object("_aws") { json in
                json.field("Timestamp", time.milliseconds)
                json.array("CloudWatchMetrics") { json in json.object { json in directive(told, &json) } }
            }
            for dimension in dimensions {
                json.key(escaping: dimension.name)
                json.value(dimension.value)
            }
            for metric in told {
                json.key(escaping: metric.name)
                json.raw(metric.value.utf8)
            }
        }
        json.endLine()
        return json.bytes
    }

    /// What CloudWatch takes from the line.
    private func directive(_ told: ArraySlice<Told>, _ json: inout JSONWriter) {
        json.field("Namespace", namespace)
        json.array("Dimensions") { json in
            for count in 1...dimensions.count {
                json.array { json in for dimension in dimensions.prefix(count) { json.value(dimension.name) } }
            }
        }
        json.array("Metrics") { json in
            for metric in told {
                json.object { json in
                    json.field("Name", metric.name)
                    json.field("Unit", metric.unit)
                }
            }
        }
    }
}
