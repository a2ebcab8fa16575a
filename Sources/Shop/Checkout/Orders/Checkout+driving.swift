import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Drives an order from wherever it stands towards its end. Every step may be repeated: reservations and charges
/// carry the order's id, and the order itself refuses what no longer fits.
extension Checkout {
    /// - Parameters:
    ///   - shortAtHome: what the order's own shard has too little of, all else being held there; nil when that has to
    ///     be found out again.
    ///   - isResumed: somebody may have driven this order before, and a charge may be under way.
    func drive(
        _ seen: SeenOrder, shortAtHome: [Shortage]?, isResumed: Bool
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        let order = seen.order
        let state = order.state
        guard state.status == .placed, let total = state.total, let placement = state.placement else {
            return state.refundDueSince == nil ? order : try await payBack(order)
        }
        if state.payment == .unknown { return try await reconcile(seen, placement, total) }
        guard !isResumed || total.amount == 0 else {
            // Whoever drove it before, here or on another node, may be at it still. From here on they can only confirm
            // it.
            _ = try await change(state.id, .markPaymentUnknown)
            return try await drive(try await look(at: state.id), shortAtHome: nil, isResumed: true)
        }
        let shortages = Mistake.chargeBeforeReserve.isMade ? [] : try await reserve(seen, shortAtHome: shortAtHome)
        guard let shortages else {
            return try await drive(try await look(at: state.id), shortAtHome: nil, isResumed: isResumed)
        }
        guard shortages.isEmpty else { return try await change(order, .reject(.insufficientStock(shortages))) }
        guard total.amount > 0 else { return try await change(state.id, .confirmPayment(.nothingToPay)) }
        return try await charge(order, placement, total, isResumed: isResumed)
    }

    func look(at id: OrderID) async throws(ExecutionFailure) -> SeenOrder {
        let (order, index) = try await shards.readAsOf(Order.self, id, at: clock())
        return SeenOrder(order: order, asOf: index)
    }

    /// Reserves what is not held yet, shard by shard. Once one is short the rest are only asked what they have: holds
    /// that will be given up keep others from buying.
    ///
    /// - Returns: the SKUs of which there is too little; nil when somebody else has driven the order on meanwhile.
    private func reserve(_ seen: SeenOrder, shortAtHome: [Shortage]?) async throws(ExecutionFailure) -> [Shortage]? {
        let order = seen.order.state
        let holds = Holds(of: order.holds, on: shards)
        let home = shards[order.id.slot].id
        var shortages = shortAtHome ?? []
        for (id, _) in holds.byShard where id != home || shortAtHome == nil {
            let shard = shards[id]
            let isShort = !shortages.isEmpty
            let found: [Shortage]? = try await shard.execute(at: clock()) { batch throws(Never) in
                guard seen.mayReserve(on: shard, home: home, in: batch) else { return nil }
                if isShort { return holds.shortages(for: order.id, on: shard, in: batch) }
                return holds.reserve(for: order.id, on: shard, in: batch)
            }.get()
            guard let found else { return nil }
            shortages += found
        }
        return shortages.sorted { $0.sku < $1.sku }
    }

    private func charge(
        _ order: Versioned<Order>, _ placement: Placement, _ total: Money, isResumed: Bool
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        let id = order.state.id
        let request = ChargeRequest(
            order: id, customer: placement.customer, amount: total, method: placement.paymentMethod)
        let outcome: ChargeOutcome
        do throws(PaymentFailure) {
            outcome = try await payments.charge(request)
        } catch {
            if error == .voided { return try await change(id, .reject(.paymentExpired)) }
            // An earlier attempt may have been executed, whatever this one says.
            if isResumed || error.mayHaveExecuted { return try await change(id, .markPaymentUnknown) }
            if case .rejected(_, let code) = error { return try await change(order, .reject(.declined(code: code))) }
            return try await change(order, .reject(.paymentUnavailable))
        }
        switch outcome {
        case .succeeded(let charge): return try await change(id, .confirmPayment(charge))
        case .declined(let code): return try await change(id, .reject(.declined(code: code)))
        }
    }

    /// The payment is unknown: asks the provider before anything is confirmed or released.
    private func reconcile(
        _ seen: SeenOrder, _ placement: Placement, _ total: Money
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        let order = seen.order
        let id = order.state.id
        if order.state.isAbandoned { return try await giveUp(order) }
        let isLate =
            clock().since(order.state.placedAt ?? .zero) > policy.paymentWindow
            || undecided.isPastLimits(order.state)
        let found: ChargeLookup
        do throws(PaymentFailure) {
            found = try await payments.lookUp(id)
        } catch {
            return order
        }
        switch found {
        case .succeeded(let charge): return try await change(id, .confirmPayment(charge))
        case .declined(let code): return try await change(id, .reject(.declined(code: code)))
        case .voided: return try await change(id, .reject(.paymentExpired))
        case .absent:
            if isLate { return try await giveUp(order) }
            // The driver before may have died before it held everything.
            guard let shortages = try await reserve(seen, shortAtHome: nil) else { return order }
            guard shortages.isEmpty else { return try await giveUp(order) }
            return try await charge(order, placement, total, isResumed: true)
        }
    }

    /// Makes sure that nobody charges for the order, and rejects it.
    ///
    /// What is sent to the provider may arrive much later, when another node has long driven the order on. So nobody
    /// may take a charge for a payment from the moment at which it is decided that there shall be none.
    private func giveUp(_ order: Versioned<Order>) async throws(ExecutionFailure) -> Versioned<Order> {
        let order = Mistake.voidNotFenced.isMade ? order : try await change(order.state.id, .abandonPayment)
        guard order.state.status == .placed else { return order }
        do throws(PaymentFailure) {
            try await payments.void(order.state.id)
        } catch {
            return order
        }
        return try await change(order.state.id, .reject(.paymentExpired))
    }

    /// Refunds are owed: pays them one after the other, or leaves them owed until the alarm rings again. One that the
    /// provider refuses keeps no other from being paid.
    private func payBack(_ order: Versioned<Order>) async throws(ExecutionFailure) -> Versioned<Order> {
        var order = order
        var last = 0
        while let number = order.state.owedRefund(after: last) {
            last = number
            let paid: RefundID
            do throws(PaymentFailure) {
                paid = try await payBack(number, of: order.state)
            } catch {
                if case .rejected = error { continue }
                return order
            }
            order = try await change(order.state.id, .confirmRefund(paid, number: number))
        }
        return order
    }

    private func payBack(_ number: Int, of order: Order) async throws(PaymentFailure) -> RefundID {
        let amount = order.refunds[number - 1].amount
        guard amount > 0, let charge = order.charge, let currency = order.total?.currency else { return .nothingToPay }
        return try await payments.refund(
            RefundRequest(
                order: order.id, charge: charge, amount: Money(amount: amount, currency: currency), number: number))
    }

    /// As `change`, unless somebody has changed the order since it was seen.
    private func change(
        _ seen: Versioned<Order>, _ command: Order.Command
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        let (shards, id) = (shards, seen.state.id)
        return try await execute(on: id.slot) { batch throws(Never) in
            if batch.read(Order.self, id).version == seen.version {
                _ = Result { () throws(Order.Refusal) in try OrderChange.take(command, id, shards: shards, in: batch) }
            }
            return batch.read(Order.self, id)
        }.get()
    }

    /// Records one step of the order, with what it means for stock on the same shard. A step that no longer fits
    /// changes nothing: the order as it stands is the answer.
    private func change(_ id: OrderID, _ command: Order.Command) async throws(ExecutionFailure) -> Versioned<Order> {
        let shards = shards
        return try await execute(on: id.slot) { batch throws(Never) in
            _ = Result { () throws(Order.Refusal) in try OrderChange.take(command, id, shards: shards, in: batch) }
            return batch.read(Order.self, id)
        }.get()
    }
}

extension RefundID {
    /// Stands for the refund of an order that cost nothing. No provider is asked.
    static let nothingToPay = RefundID("nothing-to-pay")!
}

extension ChargeID {
    /// Stands for the charge of an order that costs nothing. No provider is asked.
    static let nothingToPay = ChargeID("nothing-to-pay")!
}
