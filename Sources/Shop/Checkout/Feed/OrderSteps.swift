import ActorSystem
import Commerce
import EventSourcing
import Schema

/// An event of an order that moves stock.
package struct OrderEffect: Sendable {
    package let index: LogIndex
    package let order: OrderID
    package let effect: HoldEffect
}

/// An order that was paid, and the record that says so.
package struct OrderPaid: Sendable {
    package let index: LogIndex
    package let order: OrderID
}

/// Units of an order, counted as sold since it was paid, that are so no longer.
package struct OrderReturn: Sendable {
    package enum Units: Sendable {
        /// The order was cancelled.
        case all
        /// What no earlier refund had paid for came back.
        case remainder
        /// Those of these lines that came back.
        case lines([RefundLine])
    }

    package let index: LogIndex
    package let order: OrderID
    package let units: Units
}

extension Order {
    /// What `units` are of each SKU, less what had come back before.
    package func units(of returned: OrderReturn.Units) -> [SKUUnits] {
        switch returned {
        case .all: holdsKept
        case .remainder: holdsLeft
        case .lines(let lines): unitsRestocked(by: lines)
        }
    }
}

/// What a stretch of a shard's log asks of those who follow its orders.
package struct OrderSteps: Sendable {
    /// Orders that were paid, in the order of the log.
    package var paid: [OrderPaid] = []
    /// What is sold no longer, in the order of the log.
    package var returned: [OrderReturn] = []
    package var effects: [OrderEffect] = []

    var movesStock: Bool { !paid.isEmpty || !effects.isEmpty }
}

/// Reads what the orders of a log ask for.
package enum OrderStepReader {
    package static func read(_ records: [JournalRecord]) throws(MalformedBytes) -> OrderSteps {
        var steps = OrderSteps()
        for record in records {
            for entry in try RecordBody(record.bytes, of: KindSet(Order.kind)).entries {
                guard let order = OrderID(encoded: entry.id) else { throw MalformedBytes("no order id", at: 0) }
                for bytes in entry.events where !Order.isPlacing(bytes) {
                    let event = try Order.decodeEvent(bytes)
                    if case .paid = event { steps.paid.append(OrderPaid(index: record.index, order: order)) }
                    if let units = event.unitsReturned {
                        steps.returned.append(OrderReturn(index: record.index, order: order, units: units))
                    }
                    guard let effect = event.holdEffect else { continue }
                    steps.effects.append(OrderEffect(index: record.index, order: order, effect: effect))
                }
            }
        }
        return steps
    }
}

extension Order.Event {
    /// What of the order is sold no longer with this; nil when nothing is.
    fileprivate var unitsReturned: OrderReturn.Units? {
        switch self {
        case .cancelled: .all
        case .refundRequested(_, let restock, _): restock ? .remainder : nil
        case .partRefundRequested(_, let lines, _, _): lines.contains(where: \.restock) ? .lines(lines) : nil
        case .placed, .rejected, .paymentUnknown, .paid, .fulfilled, .addressCorrected, .shipped, .trackingCorrected,
            .delivered, .refunded, .partRefunded, .personalDataErased:
            nil
        }
    }
}
