import ActorSystem
import Commerce
import Consensus
import EventSourcing
import LogFormat
import Schema

/// The orders in the histories, and which of them have yet to come to their end.
final class OpenOrders: Checker {
    private(set) var orders: [OrderID: Order] = [:]
    private(set) var open: Set<OrderID> = []

    /// The last record's time.
    private var time = Timestamp.zero

    func unsettled(in world: World) -> String? {
        guard !open.isEmpty else { return nil }
        let left = open.sorted().prefix(3).map { id -> String in
            let order = orders[id]!
            let wait = order.wakeAt.map { "\($0.since(time))" } ?? "never"
            return "\(id) \(order.status?.rawValue ?? "") \(order.payment.rawValue), due in \(wait) of the log's time"
        }
        return "\(open.count) orders: \(left); the log is \(time.since(world.time)) ahead"
    }

    func observe(_ observation: Observation, in world: World) {
        guard case .committed(_, _, let entry, isFirst: true) = observation,
            let record = RecordPayload.record(of: entry)
        else { return }
        time = max(time, record.time)
        do {
            for entry in try RecordBody(record.bytes, of: KindSet(Order.kind)).entries {
                guard let id = OrderID(encoded: entry.id) else { throw MalformedBytes("no order id", at: 0) }
                var order = orders[id] ?? Order(id: id)
                for event in entry.events { order.apply(try Order.decodeEvent(event)) }
                orders[id] = order
                let isOpen = order.status == .placed || order.status == .paid || order.refundDueSince != nil
                if isOpen { open.insert(id) } else { open.remove(id) }
            }
        } catch {
            world.violate("a committed record cannot be read: \(error)")
        }
    }
}
