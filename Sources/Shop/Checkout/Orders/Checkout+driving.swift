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
                (order, index) = try await shards.readAsOf(Order.self, id)
                attempt.outcome = .seen(shortAtHome: nil)
            case .reserve(let shortAtHome):
                let shortages = try await reserve(order.state, asOf: index, shortAtHome: shortAtHome)
                attempt.outcome = shortages.map { .reserved($0) } ?? .overtaken
            case .record(let command, let ifUnchanged):
                let step = AdvanceOrder(id: id, command: command, version: ifUnchanged ? order.version : nil)
                order = try await shards.run(step, at: clock()).get().order
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
        for (id, units) in holds.byShard where id != home || shortAtHome == nil {
            let step = HoldUnits(
                order: order.id, units: units, shard: id, home: home, index: index, isLookOnly: !shortages.isEmpty)
            switch try await shards.run(step, at: clock()).get() {
            case .short(let found): shortages += found
            case .overtaken: return nil
            }
        }
        return shortages.sorted { $0.sku < $1.sku }
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
