/// What one series of a metric says at a moment.
struct MetricSample: Sendable {
    enum Value: Sendable, Equatable {
        case number(Int)
        case durations(HistogramCounts)
    }

    let labels: Metrics.Labels
    let value: Value

    init(_ labels: Metrics.Labels, _ value: Value) {
        self.labels = labels
        self.value = value
    }

    init(_ labels: Metrics.Labels, _ number: Int) { self.init(labels, .number(number)) }

    /// Whether it has each of these labels.
    func has(_ labels: [String: String]) -> Bool {
        labels.allSatisfy { wanted in self.labels.contains { $0.name == wanted.key && $0.value == wanted.value } }
    }
}
