/// One metric of CloudWatch: a family of the registry, or the part of it that has certain labels, as one value.
public struct EmbeddedMetric: Sendable {
    /// How the numbers of several series become one. Durations are always told together.
    public enum Fold: Sendable { case sum, least }

    public let name: String
    let family: String
    let labels: [String: String]
    let fold: Fold

    /// - Parameters:
    ///   - name: what CloudWatch calls it.
    ///   - family: what it is in the registry, where that is called otherwise.
    ///   - labels: those of the series that count.
    public init(_ name: String, of family: String? = nil, where labels: [String: String] = [:], fold: Fold = .sum) {
        self.name = name
        self.family = family ?? name
        self.labels = labels
        self.fold = fold
    }

    /// What it says now. Where no series counts, numbers say 0, and durations nothing.
    func value(in family: Metrics.Family) -> MetricSample.Value? {
        var numbers: [Int] = []
        var durations: HistogramCounts?
        for sample in family.samples where sample.has(labels) {
            switch sample.value {
            case .number(let number): numbers.append(number)
            case .durations(let counts): durations = durations?.adding(counts) ?? counts
            }
        }
        guard family.kind != .histogram else { return durations.map(MetricSample.Value.durations) }
        return .number(fold == .sum ? numbers.reduce(0, +) : numbers.min() ?? 0)
    }

    /// As CloudWatch calls it.
    func unit(in family: Metrics.Family) -> String {
        switch family.kind {
        case .histogram: "Seconds"
        case .counter: self.family.hasSuffix("_microseconds_total") ? "Microseconds" : "Count"
        case .gauge: self.family.hasSuffix("_seconds") ? "Seconds" : "None"
        }
    }
}
