import ActorSystem
import Commerce
import EventSourcing
import Schema
import Synchronization

/// Turns requests into orders: place and reserve, charge, confirm. Whatever fails, the order's own log says where it
/// stands, and whoever drives it next goes on from there.
public final class Checkout: Sendable {
    let shards: ShardMap
    let prices: PriceBook
    let payments: any PaymentProvider
    let policy: CheckoutPolicy
    let clock: @Sendable () -> Timestamp
    let timer: any Clock<Duration>
    private let random: @Sendable () -> UInt64
    /// Orders that somebody on this node is driving: one driver an order.
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

    /// Places an order and drives it until its payment is known, or known to be unknown.
    public func place(_ request: OrderRequest) async throws(CheckoutFailure) -> PlacedOrder {
        let now = clock()
        let id = OrderID(at: now, slot: request.customer.slot, random: random())
        driven.withLock { _ = $0.insert(id) }
        defer { driven.withLock { _ = $0.remove(id) } }
        let isPastLimits = undecided.began(request)
        defer { undecided.ended(request) }
        let opening = Opening(
            request: request, id: id, prices: prices, policy: policy, shards: shards, isPastLimits: isPastLimits)
        let opened: Result<Opened, OrderRefusal>
        do {
            opened = try await shards.execute(on: id.slot, at: now) { batch throws(OrderRefusal) in
                try opening.decide(in: batch)
            }
        } catch {
            throw .execution(error)
        }
        switch opened {
        case .failure(let refusal): throw .refused(refusal)
        case .success(.replay(let standing)): return try await answer(of: standing)
        case .success(.new(let order, let shortages)):
            do {
                var driven = try await drive(order, shortAtHome: shortages, isResumed: false)
                if driven.state.payment == .unknown { driven = try await weigh(driven) }
                return PlacedOrder(order: driven, isReplay: false)
            } catch {
                throw .execution(error)
            }
        }
    }

    /// The first answer to the request that placed `id`, once there is one.
    private func answer(of id: OrderID) async throws(CheckoutFailure) -> PlacedOrder {
        var waited = Duration.zero
        while true {
            let order: Versioned<Order>
            do {
                order = try await shards.read(Order.self, id, at: clock())
            } catch {
                throw .execution(error)
            }
            if order.state.firstAnswer != nil { return PlacedOrder(order: order, isReplay: true) }
            guard waited < policy.duplicateWaitMax else { throw .stillRunning(id) }
            do {
                try await timer.sleep(for: policy.duplicatePollInterval)
            } catch {
                throw .stillRunning(id)
            }
            waited += policy.duplicatePollInterval
        }
    }

    // MARK: - Driving on

    /// Drives an order on that nobody else on this node is driving.
    ///
    /// - Returns: the order as it then stands; nil when somebody is driving it already.
    @discardableResult
    public func resume(_ id: OrderID) async throws(ExecutionFailure) -> Versioned<Order>? {
        guard driven.withLock({ $0.insert(id).inserted }) else { return nil }
        defer { driven.withLock { _ = $0.remove(id) } }
        let order = try await drive(try await look(at: id), shortAtHome: nil, isResumed: true)
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
        let decided = try await drive(try await look(at: order.state.id), shortAtHome: nil, isResumed: true)
        undecided.note(decided.state)
        return decided
    }

    func execute<Answer: Sendable, Refusal: Error>(
        on slot: Slot, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        try await shards.execute(on: slot, at: clock(), body)
    }
}
