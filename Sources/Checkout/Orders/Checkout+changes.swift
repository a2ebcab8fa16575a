import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Why an order was not changed.
public enum OrderChangeRefusal: Error, Sendable, Equatable {
    /// There is no such order, or it is another customer's.
    case notFound
    /// The order has moved on since the caller looked.
    case versionDiffers(actual: UInt64)
    case order(Order.Refusal)
}

extension Checkout {
    /// Takes one step of an order's later life: cancel, ship, deliver, refund.
    ///
    /// - Parameters:
    ///   - customer: whose order it must be; nil for staff.
    ///   - version: the version that the caller saw; nil changes whatever is there.
    /// - Returns: the order afterwards. Money that is owed back by then is on its way, or will be tried until it is.
    public func change(
        _ id: OrderID, _ command: Order.Command, by customer: CustomerID?, ifVersion version: UInt64? = nil
    ) async throws(ExecutionFailure) -> Result<Versioned<Order>, OrderChangeRefusal> {
        let shards = shards
        let changed = try await execute(on: id.slot) { batch throws(OrderChangeRefusal) in
            let order = batch.read(Order.self, id)
            guard order.exists, customer == nil || order.state.customer == customer else { throw .notFound }
            guard version == nil || version == order.version else { throw .versionDiffers(actual: order.version) }
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
