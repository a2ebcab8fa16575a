/// Counts what becomes of the orders while many are under way.
actor ReplayTally {
    /// Enough to see what is wrong; a dead server must not fill the terminal.
    private static let failuresMax = 20

    /// An order that stands.
    struct Placed: Sendable {
        let id: String
        let invoice: Invoice
        let total: Int64
    }

    private(set) var placed: [Placed] = []
    private(set) var refused = 0
    private(set) var failed = 0
    private(set) var retried = 0
    private(set) var failures: [String] = []
    private var failuresUntold = 0
    private var latencies = Latencies()

    /// Orders settled one way or the other.
    var settled: Int { placed.count + refused + failed }

    func retried(_ count: Int) { retried += count }

    func placed(_ order: Placed) { placed.append(order) }

    func refused(_ invoice: Invoice) { refused += 1 }

    func orderFailed(_ reason: String) {
        failed += 1
        failure(reason)
    }

    func failure(_ reason: String) {
        if failures.count < Self.failuresMax { failures.append(reason) } else { failuresUntold += 1 }
    }

    func answered(within latency: Duration) { latencies.record(latency) }

    var latency: LatencySummary { latencies.summary }

    var failuresTold: [String] {
        failuresUntold == 0 ? failures : failures + ["and \(failuresUntold) more"]
    }
}
