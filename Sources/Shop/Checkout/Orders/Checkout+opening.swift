import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What the first record of a checkout decided.
enum Opened: Sendable {
    /// With what there is too little of on the order's own shard. Nothing is held there then.
    case new(Versioned<Order>, asOf: LogIndex, [Shortage])
    /// The key stands for this order.
    case replay(OrderID)
}

/// The first record of a checkout: the idempotency key, the order, and the stock that lives on the order's shard.
extension Checkout {
    /// - Parameters:
    ///   - key: beside the order: the sender's own, or one of the same digest where the sender lives elsewhere.
    ///   - isPastLimits: the customer has as many undecided orders as may be. A retry of one of them is answered as
    ///     ever.
    func open(
        _ request: OrderRequest, as id: OrderID, under key: IdempotencyKeyID, isPastLimits: Bool, in batch: Batch
    ) throws(OrderRefusal) -> Opened {
        let standing = batch.read(IdempotencyKey.self, key)
        if let order = try order(standingFor: request, standing.state, in: batch) { return .replay(order) }
        guard !isPastLimits else { throw .tooManyUndecided }
        let placement = try placement(of: request, at: batch.now)
        do throws(Order.Refusal) {
            try batch.decide(Order.self, id, .place(placement), isNew: true)
        } catch {
            guard case .invalid(let field) = error else { preconditionFailure("a new order refused itself: \(error)") }
            throw .invalid(field)
        }
        if !Mistake.orderWithoutKey.isMade {
            let claim = IdempotencyKey.Command.claim(
                fingerprint: request.fingerprint, subject: .order(id), expiresAt: batch.now + policy.keyLifetime)
            decide(claim, for: key, isNew: !standing.exists, in: batch)
        }
        if Mistake.cartClearedUnpaid.isMade { OrderChange.clearCart(of: placement, in: batch) }
        let held = Holds(of: placement.holds, on: shards)
        let shortages = held.reserve(for: id, on: shards[id.slot], in: batch)
        // Other shards may be short too: the driver of the order asks them before it is rejected for all at once.
        if !shortages.isEmpty, held.isWithin(shards[id.slot]) { reject(id, shortages, in: batch) }
        return .new(batch.read(Order.self, id), asOf: batch.committed, shortages)
    }

    private func order(
        standingFor request: OrderRequest, _ key: IdempotencyKey, in batch: Batch
    ) throws(OrderRefusal) -> OrderID? {
        guard let claim = key.standing(at: batch.now) else { return nil }
        guard case .order(let order) = claim.subject else { throw .keyReused }
        // Whatever an order was rejected for, nothing was charged and nothing is held, so that nothing can be done
        // twice: its key is free, and the retry is a new attempt.
        if case .rejected? = batch.look(at: Order.self, order, { $0.state.firstAnswer }) {
            decide(.release, for: key.id, isNew: false, in: batch)
            return nil
        }
        guard claim.fingerprint == request.fingerprint else { throw .keyReused }
        return order
    }

    private func decide(
        _ command: IdempotencyKey.Command, for key: IdempotencyKeyID, isNew: Bool, in batch: Batch
    ) {
        do throws(IdempotencyKey.Refusal) {
            try batch.decide(IdempotencyKey.self, key, command, isNew: isNew)
        } catch {
            preconditionFailure("a key that does not stand refused: \(error)")
        }
    }

    private func reject(_ id: OrderID, _ shortages: [Shortage], in batch: Batch) {
        do throws(Order.Refusal) {
            try batch.decide(Order.self, id, .reject(.insufficientStock(shortages)))
        } catch {
            preconditionFailure("a new order refused to be rejected: \(error)")
        }
    }

    // MARK: - Pricing

    private func placement(of request: OrderRequest, at now: Timestamp) throws(OrderRefusal) -> Placement {
        let entries = prices.entries(of: request.items.map(\.sku))
        var lines: [OrderLine] = []
        lines.reserveCapacity(request.items.count)
        var currency: Currency?
        for (position, item) in request.items.enumerated() {
            guard let entry = entries[position] else { throw .unknownSKU(item: position) }
            guard entry.isActive || item.unitPrice != nil else { throw .inactiveSKU(item: position) }
            if let currency, currency != entry.price.currency { throw .mixedCurrencies }
            currency = entry.price.currency
            lines.append(
                OrderLine(sku: item.sku, quantity: item.quantity, unitPrice: item.unitPrice ?? entry.price.amount))
        }
        guard let currency else { throw .invalid(.lines) }
        let placement = Placement(
            customer: request.customer, lines: lines, currency: currency, shippingAddress: request.shippingAddress,
            paymentMethod: request.paymentMethod, placedBy: request.placedBy, deadline: now + policy.attemptMax,
            clearsCart: request.clearsCart)
        if let expected = request.expectedTotal {
            guard let actual = placement.total else { throw .invalid(.total) }
            guard actual.amount == expected else { throw .totalDiffers(actual: actual) }
        }
        return placement
    }
}
