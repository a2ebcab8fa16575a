import ActorSystem
import Commerce
import EventSourcing
import Schema

/// One step of an order and what it means for the stock on its shard and for the customer's cart, in one record.
enum OrderChange {
    static func take(
        _ command: Order.Command, _ id: OrderID, in batch: Batch
    ) throws(Order.Refusal) {
        let events = try batch.decide(Order.self, id, command)
        for event in events {
            if let effect = event.holdEffect {
                let units = batch.look(at: Order.self, id) { $0.state.units(movedBy: effect) }
                batch.move(batch.owned(units), effect.movement, for: id)
            }
            if case .paid = event, let placement = batch.look(at: Order.self, id, { $0.state.placement }) {
                clearCart(of: placement, in: batch)
            }
        }
    }

    /// What was ordered leaves the cart, if the customer wished it so. The cart lives on the order's slot.
    static func clearCart(of placement: Placement, in batch: Batch) {
        guard placement.clearsCart else { return }
        do throws(Cart.Refusal) {
            try batch.decide(Cart.self, placement.customer, .takeOut(placement.holds))
        } catch {
            preconditionFailure("taking out of a cart is never refused: \(error)")
        }
    }
}
