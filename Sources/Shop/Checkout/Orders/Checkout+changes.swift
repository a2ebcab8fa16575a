import ActorSystem
import Commerce
import EventSourcing
import Schema

extension Checkout {
    /// Has the leader of the order's shard take one step of an order's later life: cancel, ship, deliver, refund.
    ///
    /// - Parameter actor: the account that asks for it, which the record names.
    /// - Returns: the order afterwards. Money that is owed back by then is on its way, or will be tried until it is.
    public func change(
        _ step: ChangeOrder, by actor: CustomerID
    ) async throws(ExecutionFailure) -> Result<OrderAnswer, OrderChangeRefusal> {
        let (procedure, actor) = (ChangeAndRefund(change: step), ActorID(actor))
        return try await shards.perform(procedure, by: actor) { () async throws(ExecutionFailure) in
            try await perform(procedure, by: actor)
        }
    }

    func perform(
        _ procedure: ChangeAndRefund, by actor: ActorID?
    ) async throws(ExecutionFailure) -> Result<OrderAnswer, OrderChangeRefusal> {
        let changed = try await shards.run(procedure.change, at: clock(), by: actor)
        guard case .success(let result) = changed, result.order.state.refundDueSince != nil else { return changed }
        let driven = try await resume(procedure.change.id) ?? result.order
        return .success(OrderAnswer(order: driven, isReplay: result.isReplay))
    }
}
