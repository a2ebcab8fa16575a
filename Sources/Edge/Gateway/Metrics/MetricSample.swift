/// What one series of a metric says at a moment.
struct MetricSample: Sendable {
    enum Value: Sendable, Equatable {
        case number(Int)
        /// Told in seconds.
        case time(nanoseconds: Int)
        case durations(HistogramCounts)

        /// What has come since a counter or a histogram said `earlier`; all of it when there was none before.
        func since(_ earlier: Value?) -> Value {
            switch (self, earlier) {
            case (.number(let now), .number(let earlier)): .number(max(0, now - earlier))
            case (.time(let now), .time(let earlier)): .time(nanoseconds: max(0, now - earlier))
            case (.durations(let now), .durations(let earlier)): .durations(now.since(earlier))
            default: self
            }
        }
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
