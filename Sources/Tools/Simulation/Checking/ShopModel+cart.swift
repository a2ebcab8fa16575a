import Commerce
import EventSourcing
import Schema

/// Nothing leaves a cart before it is paid.
extension ShopModel {
    /// The customers of a run only put in: what leaves a cart has been paid in the same record.
    func check(cart id: CustomerID, at index: LogIndex) throws(Contradiction) {
        let isPaid = orders.changes.contains { change in
            guard let placement = orders[change.id].current.state.placement, placement.customer == id else {
                return false
            }
            return placement.clearsCart && change.events.contains { if case .paid = $0 { true } else { false } }
        }
        guard !isPaid else { return }
        let moments = carts[id].moments
        let (before, after) = (moments[moments.count - 2].state, moments[moments.count - 1].state)
        for line in before.lines where after.quantity(of: line.sku) < line.quantity {
            throw Contradiction("record \(index) takes \(line.sku) out of the cart of \(id), and nothing was paid")
        }
    }
}

extension Order {
    /// Whether the request that placed it was answered so that it may be tried again under its key.
    var isLeftOpen: Bool { if case .rejected(let rejection)? = firstAnswer { !rejection.isFinal } else { false } }
}
