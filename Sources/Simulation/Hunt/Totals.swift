/// What many runs add up to.
public struct Totals: Sendable {
    public private(set) var seeds = 0
    public private(set) var events = 0
    public private(set) var elapsed = Duration.zero
    /// In the order of `FaultKind.allCases`.
    public private(set) var faults = Array(repeating: 0, count: FaultKind.allCases.count)
    public private(set) var failures: [Report] = []

    public init() {}

    public mutating func add(_ report: Report) {
        seeds += 1
        events += report.events
        elapsed += report.elapsed
        for (position, count) in report.faults.enumerated() { faults[position] += count }
        if report.violation != nil { failures.append(report) }
    }
}
