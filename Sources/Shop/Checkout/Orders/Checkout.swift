import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Synchronization

/// Turns requests into orders: place and reserve, charge, confirm. Whatever fails, the order's own log says where it
/// stands, and the next driver goes on from there.
public final class Checkout: Sendable {
    let shards: ShardMap
    let prices: PriceBook
    let payments: any PaymentProvider
    let policy: CheckoutPolicy
    let clock: @Sendable () -> Timestamp
    let timer: any Clock<Duration>
    private let random: @Sendable () -> UInt64
    /// Orders that a task on this node is driving: one driver an order.
    private let driven = Mutex<Set<OrderID>>([])
    let undecided: UndecidedOrders

    /// - Parameters:
    ///   - clock: the present; only the log's time decides anything.
    ///   - timer: measures pauses.
    ///   - random: fresh random bits for ids.
    public init(
        shards: ShardMap, prices: PriceBook, payments: any PaymentProvider, policy: CheckoutPolicy = CheckoutPolicy(),
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> UInt64
    ) {
        self.shards = shards
        self.prices = prices
        self.payments = payments
        self.policy = policy
        undecided = UndecidedOrders(policy)
        self.clock = clock
        self.timer = timer
        self.random = random
    }

    // MARK: - Placing

    /// Has the leader of the order's shard place an order and drive it until its payment is known, or known to be
    /// unknown.
    public func place(_ request: OrderRequest) async throws(CheckoutFailure) -> OrderAnswer {
        let placed: Result<OrderAnswer, CheckoutFailure>
        do throws(ExecutionFailure) {
            placed = try await shards.perform(request, by: ActorID(request.placedBy)) {
                () async throws(ExecutionFailure) in try await perform(request)
            }
        } catch {
            throw .execution(error)
        }
        return try placed.get()
    }

    func perform(_ request: OrderRequest) async throws(ExecutionFailure) -> Result<OrderAnswer, CheckoutFailure> {
        do throws(CheckoutFailure) {
            return .success(try await placeHere(request))
        } catch .execution(let failure) {
            throw failure
        } catch {
            return .failure(error)
        }
    }

    private func placeHere(_ request: OrderRequest) async throws(CheckoutFailure) -> OrderAnswer {
        let now = clock()
        let id = OrderID(at: now, slot: request.customer.slot, random: random())
        driven.withLock { _ = $0.insert(id) }
        defer { driven.withLock { _ = $0.remove(id) } }
        let isPastLimits = undecided.began(request)
        defer { undecided.ended(request) }
        switch try await open(request, as: id, at: now, isPastLimits: isPastLimits) {
        case .replay(let standing): return try await answer(of: standing)
        case .new(let order, let index, let shortages):
            do {
                var driven = try await drive(order, asOf: index, .first(shortAtHome: shortages))
                if driven.state.payment == .unknown { driven = try await weigh(driven) }
                return OrderAnswer(order: driven, isReplay: false)
            } catch {
                throw .execution(error)
            }
        }
    }

    /// Writes the order down under its key: in one record, or with a claim of its sender before it where the two live
    /// on different shards.
    private func open(
        _ request: OrderRequest, as id: OrderID, at now: Timestamp, isPastLimits: Bool
    ) async throws(CheckoutFailure) -> Opened {
        let claim = SenderClaim(
            request.key, fingerprint: request.fingerprint, home: id.slot, lifetime: StepKey.lifetime,
            by: ActorID(request.placedBy), shards: shards, clock: clock)
        let opened: Result<Opened, OrderRefusal>
        do throws(ExecutionFailure) {
            opened = try await open(request, as: id, at: now, isPastLimits: isPastLimits, under: claim)
        } catch {
            throw .execution(error)
        }
        do throws(OrderRefusal) { return try opened.get() } catch { throw .refused(error) }
    }

    private func open(
        _ request: OrderRequest, as id: OrderID, at now: Timestamp, isPastLimits: Bool, under claim: SenderClaim
    ) async throws(ExecutionFailure) -> Result<Opened, OrderRefusal> {
        guard try await claim.take() else { return .failure(.keyReused) }
        try await prices.catchUp(leading: shards[id.slot].id)
        let step = OpenOrder(
            id: id, request: request, keyID: claim.keyAtHome, quote: quote(request, isPastLimits: isPastLimits),
            attemptMax: policy.attemptMax)
        return try await shards.run(step, at: now, by: ActorID(request.placedBy))
    }

    private func quote(_ request: OrderRequest, isPastLimits: Bool) -> Result<Quote, OrderRefusal> {
        guard !isPastLimits else { return .failure(.tooManyUndecided) }
        do throws(OrderRefusal) { return .success(try prices.quote(request.items)) } catch { return .failure(error) }
    }

    /// The first answer to the request that placed `id`, once there is one.
    private func answer(of id: OrderID) async throws(CheckoutFailure) -> OrderAnswer {
        // Subscribed to before the first look, so that no decision falls between the two.
        let changes = shards[id.slot].changes(of: Order.self, id)
        if let answered = try await firstAnswer(of: id) { return answered }
        let (timer, limit) = (timer, policy.duplicateWaitMax)
        let result = await withTaskGroup(of: Result<OrderAnswer?, CheckoutFailure>.self) { group in
            group.addTask {
                do throws(CheckoutFailure) {
                    for await _ in changes {
                        if let answered = try await self.firstAnswer(of: id) { return .success(answered) }
                    }
                    return .success(nil)
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await timer.sleep(for: limit)
                return .success(nil)
            }
            let first = await group.next() ?? .success(nil)
            group.cancelAll()
            return first
        }
        guard let answered = try result.get() else { throw .stillRunning(id) }
        return answered
    }

    /// The order with its first answer; nil while there is none.
    private func firstAnswer(of id: OrderID) async throws(CheckoutFailure) -> OrderAnswer? {
        do {
            let order = try await shards.read(Order.self, id)
            return order.state.firstAnswer == nil ? nil : OrderAnswer(order: order, isReplay: true)
        } catch {
            throw .execution(error)
        }
    }

    // MARK: - Driving on

    /// Drives an order on that no other task on this node is driving.
    ///
    /// - Returns: the order as it then stands; nil when another task is driving it already.
    @discardableResult
    public func resume(_ id: OrderID) async throws(ExecutionFailure) -> Versioned<Order>? {
        guard driven.withLock({ $0.insert(id).inserted }) else { return nil }
        defer { driven.withLock { _ = $0.remove(id) } }
        let order = try await lookAndDrive(id)
        undecided.note(order.state)
        return order
    }

    /// Takes note of a payment that has become unknown. Where the customer holds too much in such orders, the provider
    /// is asked at once, and without a charge the units are free again; unless the shopper has waited long already.
    private func weigh(_ order: Versioned<Order>) async throws(ExecutionFailure) -> Versioned<Order> {
        undecided.note(order.state)
        guard let placedAt = order.state.placedAt, clock().since(placedAt) < policy.giveUpAtOnceMax,
            undecided.isPastLimits(order.state)
        else { return order }
        let decided = try await lookAndDrive(order.state.id)
        undecided.note(decided.state)
        return decided
    }

    private func lookAndDrive(_ id: OrderID) async throws(ExecutionFailure) -> Versioned<Order> {
        let (order, index) = try await shards.readAsOf(Order.self, id)
        return try await drive(order, asOf: index, .resumed)
    }
}
