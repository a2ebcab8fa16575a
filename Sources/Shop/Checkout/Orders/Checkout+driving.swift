import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Performs what `OrderSaga` decides.
extension Checkout {
    /// Drives an order as far as this attempt gets.
    ///
    /// - Parameters:
    ///   - order: as this driver saw it.
    ///   - index: the log of the order's shard was final up to here. Whatever ends the order comes behind it.
    /// - Returns: the order as this driver saw it last.
    func drive(
        _ order: Versioned<Order>, asOf index: LogIndex, _ attempt: OrderAttempt
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        var (order, index, attempt) = (order, index, attempt)
        let id = order.state.id
        while true {
            switch OrderSaga.next(order.state, attempt) {
            case .look:
                (order, index) = try await shards.readAsOf(Order.self, id, at: clock())
                attempt.outcome = .seen(shortAtHome: nil)
            case .reserve(let shortAtHome):
                let shortages = try await reserve(order.state, asOf: index, shortAtHome: shortAtHome)
                attempt.outcome = shortages.map { .reserved($0) } ?? .overtaken
            case .record(let command, let ifUnchanged):
                order = try await record(command, on: id, ifAt: ifUnchanged ? order.version : nil)
                attempt.outcome = .recorded(command)
            case .charge(let request): attempt.outcome = .charged(await charge(request))
            case .lookUp:
                attempt.isLate = isLate(order.state)
                attempt.outcome = .found(await lookUp(id))
            case .void: attempt.outcome = .voided(await void(id))
            case .refund(let request): attempt.outcome = .refunded(await refund(request), number: request.number)
            case .done: return order
            }
        }
    }

    /// Reserves what is not held yet, shard by shard. Once one is short the rest are only asked what they have: holds
    /// that will be given up keep others from buying.
    ///
    /// - Returns: the SKUs of which there is too little; nil when the order may have gone on meanwhile.
    private func reserve(
        _ order: Order, asOf index: LogIndex, shortAtHome: [Shortage]?
    ) async throws(ExecutionFailure) -> [Shortage]? {
        let holds = Holds(of: order.holds, on: shards)
        let home = shards[order.id.slot].id
        var shortages = shortAtHome ?? []
        for (id, _) in holds.byShard where id != home || shortAtHome == nil {
            let shard = shards[id]
            let isShort = !shortages.isEmpty
            let found: [Shortage]? = try await shard.execute(at: clock()) { batch throws(Never) in
                guard Holds.mayReserve(for: order.id, asOf: index, on: shard, home: home, in: batch) else { return nil }
                if isShort { return holds.shortages(for: order.id, on: shard, in: batch) }
                return holds.reserve(for: order.id, on: shard, in: batch)
            }.get()
            guard let found else { return nil }
            shortages += found
        }
        return shortages.sorted { $0.sku < $1.sku }
    }

    /// Records one command of the order, with what it means for stock on the same shard. A command that no longer fits
    /// changes nothing: the order as it stands is the answer.
    ///
    /// - Parameter version: the only one at which the command is still meant; nil for any.
    private func record(
        _ command: Order.Command, on id: OrderID, ifAt version: UInt64?
    ) async throws(ExecutionFailure) -> Versioned<Order> {
        let shards = shards
        return try await execute(on: id.slot) { batch throws(Never) in
            if version == nil || batch.read(Order.self, id).version == version {
                _ = Result { () throws(Order.Refusal) in try OrderChange.take(command, id, shards: shards, in: batch) }
            }
            return batch.read(Order.self, id)
        }.get()
    }

    private func isLate(_ order: Order) -> Bool {
        clock().since(order.placedAt ?? .zero) > policy.paymentWindow || undecided.isPastLimits(order)
    }

    // MARK: - The provider

    private func charge(_ request: ChargeRequest) async -> Result<ChargeOutcome, PaymentFailure> {
        do throws(PaymentFailure) { return .success(try await payments.charge(request)) } catch {
            return .failure(error)
        }
    }

    private func lookUp(_ id: OrderID) async -> Result<ChargeLookup, PaymentFailure> {
        do throws(PaymentFailure) { return .success(try await payments.lookUp(id)) } catch { return .failure(error) }
    }

    private func void(_ id: OrderID) async -> PaymentFailure? {
        do throws(PaymentFailure) {
            try await payments.void(id)
            return nil
        } catch { return error }
    }

    private func refund(_ request: RefundRequest) async -> Result<RefundID, PaymentFailure> {
        do throws(PaymentFailure) { return .success(try await payments.refund(request)) } catch {
            return .failure(error)
        }
    }
}
