import ActorSystem
import Commerce
import EventSourcing
import Schema

/// An event of an order that moves stock.
struct OrderEffect: Sendable {
    let index: LogIndex
    let order: OrderID
    let effect: HoldEffect
}

/// What a stretch of a shard's log asks of those who follow its orders.
struct OrderSteps: Sendable {
    /// Orders that were paid, in the order of the log.
    var paid: [OrderID] = []
    /// Orders whose units are sold no longer, in the order of the log: they were cancelled, or came back.
    var returned: [OrderID] = []
    var effects: [OrderEffect] = []

    var movesStock: Bool { !paid.isEmpty || !effects.isEmpty }
    var countsSales: Bool { !paid.isEmpty || !returned.isEmpty }
}

enum OrderStepReader {
    static func read(_ records: [JournalRecord]) throws(MalformedBytes) -> OrderSteps {
        var steps = OrderSteps()
        for record in records {
            for entry in try RecordBody(record.bytes, of: KindSet(Order.kind)).entries {
                guard let order = OrderID(encoded: entry.id) else { throw MalformedBytes("no order id", at: 0) }
                for bytes in entry.events where !Order.isPlacing(bytes) {
                    let event = try Order.decodeEvent(bytes)
                    if case .paid = event { steps.paid.append(order) }
                    if event.returnsUnits { steps.returned.append(order) }
                    guard let effect = event.holdEffect else { continue }
                    steps.effects.append(OrderEffect(index: record.index, order: order, effect: effect))
                }
            }
        }
        return steps
    }
}

extension Order.Event {
    /// Whether the order's units, counted as sold since it was paid, are so no longer.
    fileprivate var returnsUnits: Bool {
        switch self {
        case .cancelled: true
        case .refundRequested(_, let restock, _): restock
        case .placed, .rejected, .paymentUnknown, .paid, .fulfilled, .shipped, .trackingCorrected, .delivered,
            .refunded:
            false
        }
    }
}
