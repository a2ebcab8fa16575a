import Foundation

/// What a replay did. The JSON form carries these names in snake_case.
public struct ReplayReport: Codable, Equatable, Sendable {
    public var ordersPlaced = 0
    /// Refused for lack of stock.
    public var ordersRefused = 0
    public var ordersFailed = 0
    /// Requests that were sent once more, for want of an answer or because the gateway asked to wait.
    public var requestsRetried = 0
    /// Cancellation invoices.
    public var invoicesSkipped = 0
    public var rowsRejected = 0
    /// Of the orders placed.
    public var lines = 0
    /// Of the orders placed.
    public var units: Int64 = 0
    /// The totals that the gateway answered for the orders placed, in minor units.
    public var valueMinor: Int64 = 0
    public var durationSeconds = 0.0
    public var latencyMs = LatencySummary(p50: 0, p99: 0, p999: 0, max: 0)
    /// Orders placed whose goods had left the stock when the replay ended.
    public var ordersFulfilled = 0
    public var reconciliation = Reconciliation()
    /// What went wrong, the first of each run of trouble; for people.
    public var failures: [String] = []

    /// The gateway's books against the file, after the last order.
    public struct Reconciliation: Codable, Equatable, Sendable {
        public var skus = 0
        public var unitsReceived: Int64 = 0
        public var unitsOnHand: Int64 = 0
        public var unitsReserved: Int64 = 0
        /// What the gateway says the placed orders are worth, read back one by one.
        public var ordersValueMinor: Int64 = 0
        /// SKUs whose stock is not what was there, plus received, less sold.
        public var skusOff = 0
        /// Whether every figure agrees.
        public var agrees = false
    }

    /// Everything placed that could be, fulfilled, and in agreement with the file.
    public var succeeded: Bool {
        ordersFailed == 0 && failures.isEmpty && ordersFulfilled == ordersPlaced && reconciliation.agrees
    }

    /// One JSON object.
    public func json() throws -> String { String(decoding: try JSON.encoder.encode(self), as: UTF8.self) }

    /// A table for people.
    public var text: String {
        let rows: [(String, String)] = [
            ("orders placed", "\(ordersPlaced)"),
            ("  refused, stock too small", "\(ordersRefused)"),
            ("  failed", "\(ordersFailed)"),
            ("  fulfilled", "\(ordersFulfilled)"),
            ("requests retried", "\(requestsRetried)"),
            ("invoices skipped", invoicesSkipped.counted("cancellation")),
            ("rows rejected", "\(rowsRejected)"),
            ("lines, units", "\(lines), \(units)"),
            ("value", "\(valueMinor) minor units"),
            ("duration", "\(decimal(durationSeconds, digits: 2)) s"),
            ("latency", latencyMs.text),
            (
                "stock received",
                "\(reconciliation.unitsReceived.counted("unit")) of \(reconciliation.skus.counted("SKU"))"
            ),
            ("  on hand, reserved", "\(reconciliation.unitsOnHand), \(reconciliation.unitsReserved)"),
            ("  SKUs that do not add up", "\(reconciliation.skusOff)"),
            ("orders read back", "\(reconciliation.ordersValueMinor) minor units"),
            ("reconciliation", reconciliation.agrees ? "agrees" : "DOES NOT AGREE"),
        ]
        let table = rows.map { $0.0.padding(toLength: 28, withPad: " ", startingAt: 0) + $0.1 }
        return (table + failures.map { "failure: \($0)" }).joined(separator: "\n")
    }
}
