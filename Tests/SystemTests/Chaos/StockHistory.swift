import Foundation
import Testing

/// What clients asked of the stock of some SKUs, and what they were told: the history that the judge looks at.
actor StockHistory {
    typealias Operation = ClientOperation<StockModel>

    /// One order that a client placed or tried to.
    struct Order: Sendable {
        let id: String
        let sku: String
        let isPlaced: Bool
    }

    private(set) var operations: [String: [Operation]] = [:]
    private(set) var orders: [Order] = []
    private(set) var unanswered = 0
    /// For whom all orders of the history are placed; nil before the first was.
    private(set) var customer: String?
    private static let start = ContinuousClock.now

    /// Nanoseconds since the first look at a clock.
    static func now() -> UInt64 {
        // The start is set by the first look at it, so it is looked at first.
        let start = start
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    func add(_ sku: String, _ operation: Operation) {
        operations[sku, default: []].append(operation)
        if operation.outcome == nil { unanswered += 1 }
    }

    /// An order that was told to be rejected for its payment took its units, and gave them back.
    func addRejected(_ sku: String, units: Int, client: Int, begin: UInt64, end: UInt64) {
        for operation in [StockModel.Operation.order(units: units), .receive(units: units)] {
            add(sku, Operation(client: client, operation: operation, outcome: .done, begin: begin, end: end))
        }
    }

    func add(_ order: Order) { orders.append(order) }

    func know(customer: String?) { self.customer = self.customer ?? customer }
}
