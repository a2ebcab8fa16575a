import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Why an order was not changed.
public enum OrderChangeRefusal<Precondition: Error>: Error {
    /// There is no such order, or it is another customer's.
    case notFound
    /// The order is not at a version that the caller accepts.
    case precondition(Precondition)
    case order(Order.Refusal)
}

extension Checkout {
    /// Takes one step of an order's later life: cancel, ship, deliver, refund.
    ///
    /// - Parameters:
    ///   - customer: whose order it must be; nil for staff.
    ///   - precondition: throws when the order's version is not one that the caller means to change.
    /// - Returns: the order afterwards. Money that is owed back by then is on its way, or will be tried until it is.
    public func change<Precondition: Error>(
        _ id: OrderID, _ command: Order.Command, by customer: CustomerID?,
        if precondition: @Sendable (_ version: UInt64) throws(Precondition) -> Void
    ) async throws(ExecutionFailure) -> Result<Versioned<Order>, OrderChangeRefusal<Precondition>> {
        let shards = shards
        let changed = try await execute(on: id.slot) { batch throws(OrderChangeRefusal<Precondition>) in
            let order = batch.read(Order.self, id)
            guard order.exists, customer == nil || order.state.customer == customer else { throw .notFound }
            do throws(Precondition) {
                try precondition(order.version)
            } catch {
                throw .precondition(error)
            }
            do throws(Order.Refusal) {
                try OrderChange.take(command, id, shards: shards, in: batch)
            } catch {
                throw .order(error)
            }
            return batch.read(Order.self, id)
        }
        guard case .success(let order) = changed, order.state.refundDueSince != nil else { return changed }
        return .success(try await resume(id) ?? order)
    }
}
