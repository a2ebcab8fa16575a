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
        let values = family.samples.filter { $0.has(labels) }.map(\.value)
        guard let first = values.first else { return family.kind == .histogram ? nil : .number(0) }
        return values.dropFirst().reduce(first, folded)
    }

    private func folded(_ one: MetricSample.Value, with other: MetricSample.Value) -> MetricSample.Value {
        switch (one, other) {
        case (.number(let one), .number(let other)): .number(fold == .sum ? one + other : min(one, other))
        case (.time(let one), .time(let other)): .time(nanoseconds: fold == .sum ? one + other : min(one, other))
        case (.durations(let one), .durations(let other)): .durations(one.adding(other))
        default: preconditionFailure("\(family) says two kinds of things")
        }
    }

    /// As CloudWatch calls it.
    func unit(in family: Metrics.Family) -> String {
        switch family.kind {
        case .histogram: "Seconds"
        case .counter: self.family.hasSuffix("_seconds_total") ? "Seconds" : "Count"
        case .gauge where self.family.hasSuffix("_seconds"): "Seconds"
        case .gauge: self.family.hasSuffix("_bytes") ? "Bytes" : "None"
        }
    }
}
