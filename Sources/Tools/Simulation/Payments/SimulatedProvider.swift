import Checkout
import Commerce
import Consensus

/// A payment provider at the other end of a bad line: it declines, dawdles, does what it was asked and loses the
/// answer, fails with a 500, or is not there at all. It outlives the nodes, and what is on its way to it arrives,
/// whichever node dies.
final class SimulatedProvider: SimulatedPayments, @unchecked Sendable {
    // One thread: the world's.
    private unowned let world: World
    private(set) var ledger = PaymentLedger()
    /// Told of everything that moves, before it is answered.
    var watcher: (any PaymentWatcher)?

    /// An honest line.
    private static let way = (Duration.milliseconds(1), Duration.milliseconds(30))
    /// A line so slow that the node gives up first, most of the time.
    private static let detour = (Duration.milliseconds(500), Duration.seconds(8))
    /// What the node grants one attempt.
    static let attemptTimeLimit = Duration.seconds(2)

    init(world: World) { self.world = world }

    func connection(of node: NodeID, life: Life) -> any PaymentProvider {
        let line = PaymentLine(provider: self, world: world, life: life)
        return world.bugs.isDisjoint(with: PlantedBug.ofPayments) ? line : MistakenProvider(line: line, world: world)
    }

    // MARK: - What arrives

    fileprivate func perform<Answer>(
        _ step: (inout PaymentLedger) throws(PaymentFailure) -> Answer, told tell: (any PaymentWatcher) -> Void
    ) -> Result<Answer, PaymentFailure> {
        let result = Result { () throws(PaymentFailure) in try step(&ledger) }
        if let watcher { tell(watcher) }
        return result
    }

    fileprivate func delay() -> Duration {
        let (shortest, longest) = world.strikes(.paymentDelay, rate: 0.5) ? Self.detour : Self.way
        return world.random.duration(shortest, longest)
    }
}

/// Hears of every movement of money, as it happens.
protocol PaymentWatcher: AnyObject {
    func charged(_ request: ChargeRequest, in ledger: PaymentLedger)
    func refunded(_ request: RefundRequest, in ledger: PaymentLedger)
    func voided(_ order: OrderID)
}

/// The provider as one life of a node reaches it.
struct PaymentLine: PaymentProvider, @unchecked Sendable {
    // One thread: the world's.
    let provider: SimulatedProvider
    let world: World
    let life: Life

    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        try await charge(request, under: PaymentLedger.Key(order: request.order))
    }

    func charge(_ request: ChargeRequest, under key: PaymentLedger.Key) async throws(PaymentFailure) -> ChargeOutcome {
        let declines = world.strikes(.paymentDecline, rate: 0.5)
        return try await call("charge", request.order) { ledger throws(PaymentFailure) in
            try ledger.charge(key, request, declines: declines)
        } told: { [provider] in
            $0.charged(request, in: provider.ledger)
        }
    }

    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        try await call("look up", order) { ledger throws(PaymentFailure) in
            ledger.lookUp(PaymentLedger.Key(order: order))
        } told: { _ in }
    }

    func void(_ order: OrderID) async throws(PaymentFailure) {
        try await call("void", order) { ledger throws(PaymentFailure) in
            ledger.void(PaymentLedger.Key(order: order))
        } told: {
            $0.voided(order)
        }
    }

    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        try await refund(request, under: PaymentLedger.Key(order: request.order))
    }

    func refund(_ request: RefundRequest, under key: PaymentLedger.Key) async throws(PaymentFailure) -> RefundID {
        try await call("refund", request.order) { ledger throws(PaymentFailure) in
            try ledger.refund(key, request)
        } told: { [provider] in
            $0.refunded(request, in: provider.ledger)
        }
    }

    /// Sends `step` to the provider, and waits for what it says.
    private func call<Answer: Sendable>(
        _ label: StaticString, _ order: OrderID,
        _ step: @escaping @Sendable (inout PaymentLedger) throws(PaymentFailure) -> Answer,
        told tell: @escaping @Sendable (any PaymentWatcher) -> Void
    ) async throws(PaymentFailure) -> Answer {
        if life.isOver || Task.isCancelled { throw .unknown(.cancelled) }
        if world.strikes(.paymentRefusal, rate: 0.5) { throw .unreachable }
        let box = AnswerBox(Result<Answer, PaymentFailure>.failure(.unknown(.timedOut)))
        let isTold = await life.wait { number in
            world.plan(after: SimulatedProvider.attemptTimeLimit, "payment timeout", order.low) {
                life.finish(number, with: false)
            }
            if world.strikes(.loss) { return }
            world.plan(after: provider.delay(), label, order.low) {
                let fails = world.strikes(.paymentError, rate: 0.5)
                let isDone = !fails || world.random.chance(0.5)
                let result = isDone ? provider.perform(step, told: tell) : .failure(.unknown(.serverError(status: 500)))
                guard !world.strikes(.paymentAnswerLost, rate: 0.5), !world.strikes(.loss) else { return }
                world.plan(after: provider.delay(), "payment answer", order.low) {
                    box.answer = fails ? .failure(.unknown(.serverError(status: 500))) : result
                    life.finish(number, with: true)
                }
            }
        }
        guard isTold else { throw .unknown(life.isOver || Task.isCancelled ? .cancelled : .timedOut) }
        return try box.answer.get()
    }
}
