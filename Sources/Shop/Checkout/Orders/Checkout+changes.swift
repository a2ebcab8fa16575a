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
    /// The idempotency key names another request.
    case keyReused
}

/// What one request to change an order is known by.
public struct ChangeKey: Sendable {
    /// On the order's slot.
    public let id: IdempotencyKeyID
    /// Of what the request asks for.
    public let fingerprint: Digest256

    public init(id: IdempotencyKeyID, fingerprint: Digest256) {
        self.id = id
        self.fingerprint = fingerprint
    }
}

extension Checkout {
    /// Takes one step of an order's later life: cancel, ship, deliver, refund.
    ///
    /// - Parameters:
    ///   - actor: who asks for it, which the record names.
    ///   - customer: whose order it must be; nil for staff.
    ///   - key: of the request, whose step is then taken once, however often it is asked for. A refused request leaves
    ///     it free. Without one the step is taken as often as it is asked for.
    ///   - precondition: throws when the order's version is not one that the caller means to change.
    /// - Returns: the order afterwards. Money that is owed back by then is on its way, or will be tried until it is.
    public func change<Precondition: Error>(
        _ id: OrderID, _ command: Order.Command, by actor: CustomerID, of customer: CustomerID?,
        under key: ChangeKey? = nil,
        if precondition: @Sendable (_ version: UInt64) throws(Precondition) -> Void
    ) async throws(ExecutionFailure) -> Result<OrderAnswer, OrderChangeRefusal<Precondition>> {
        let (shards, lifetime) = (shards, policy.keyLifetime)
        let changed = try await execute(on: id.slot, by: ActorID(actor)) {
            batch throws(OrderChangeRefusal<Precondition>) in
            let order = batch.read(Order.self, id)
            guard order.exists, customer == nil || order.state.customer == customer else { throw .notFound }
            if let key, let claim = batch.read(IdempotencyKey.self, key.id).state.standing(at: batch.now) {
                guard claim.fingerprint == key.fingerprint, claim.subject == .order(id) else { throw .keyReused }
                return OrderAnswer(order: order, isReplay: true)
            }
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
            key?.claim(for: id, lifetime: lifetime, in: batch)
            return OrderAnswer(order: batch.read(Order.self, id), isReplay: false)
        }
        guard case .success(let result) = changed, result.order.state.refundDueSince != nil else { return changed }
        let driven = try await resume(id) ?? result.order
        return .success(OrderAnswer(order: driven, isReplay: result.isReplay))
    }
}

extension ChangeKey {
    fileprivate func claim(for order: OrderID, lifetime: Duration, in batch: Batch) {
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(
                IdempotencyKey.self, id,
                .claim(fingerprint: fingerprint, subject: .order(order), expiresAt: batch.now + lifetime))
        } catch {
            preconditionFailure("a key that does not stand refused: \(error)")
        }
    }
}
