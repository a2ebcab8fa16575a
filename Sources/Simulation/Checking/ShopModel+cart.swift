import Commerce
import EventSourcing
import Schema

/// What is paid leaves the cart with the payment, and nothing leaves it before.
extension ShopModel {
    /// So many units of each SKU are gone as were ordered, or all that there were.
    func checkCart(of order: Order, at index: LogIndex) throws(Contradiction) {
        guard let placement = order.placement, placement.clearsCart else { return }
        let (before, after) = states(ofCart: placement.customer)
        for hold in placement.holds {
            let rest = before.quantity(of: hold.sku).subtracting(hold.units) ?? .zero
            let left = after.quantity(of: hold.sku)
            guard left == rest else {
                throw Contradiction("record \(index): \(order.id) is paid, and leaves \(left) of \(hold) in the cart")
            }
        }
    }

    /// The customers of a run only put in: what leaves a cart has been paid in the same record.
    func check(cart id: CustomerID, at index: LogIndex) throws(Contradiction) {
        let isPaid = orders.changes.contains { change in
            guard let placement = orders[change.id].current.state.placement, placement.customer == id else {
                return false
            }
            return placement.clearsCart && change.events.contains { if case .paid = $0 { true } else { false } }
        }
        guard !isPaid else { return }
        let (before, after) = states(ofCart: id)
        for line in before.lines where after.quantity(of: line.sku) < line.quantity {
            throw Contradiction("record \(index) takes \(line.sku) out of the cart of \(id), and nothing was paid")
        }
    }

    /// The cart before the record that is being looked at, and after it.
    private func states(ofCart id: CustomerID) -> (before: Cart, after: Cart) {
        let moments = carts[id].moments
        let after = moments[moments.count - 1]
        let isChanged = carts.changes.contains { $0.id == id }
        return (isChanged ? moments[moments.count - 2].state : after.state, after.state)
    }
}

extension Order {
    /// Whether the request that placed it was answered that it is rejected. Its key is free then.
    var isRejectedAtOnce: Bool { if case .rejected? = firstAnswer { true } else { false } }
}
