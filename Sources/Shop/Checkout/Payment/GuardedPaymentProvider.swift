import Commerce
import Synchronization

/// A provider behind a circuit breaker and a retry budget.
///
/// What fails for want of a connection or an answer is tried again under the same key, within the time limit and the
/// budget. While the breaker is open nothing is sent and the call throws `breakerOpen`. A call of which one attempt may
/// have been executed ends with an answer or as `unknown`, never as anything that sounds certain.
public final class GuardedPaymentProvider: PaymentProvider {
    private let base: any PaymentProvider
    private let decisions: Mutex<PaymentGuard>
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - clock: measures the breaker's window, its pauses and the time limits.
    ///   - generator: for the jitter of the pauses.
    public init<C: Clock>(
        _ base: any PaymentProvider, policy: PaymentPolicy = PaymentPolicy(), clock: C = ContinuousClock(),
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) where C.Duration == Duration {
        let origin = clock.now
        self.base = base
        decisions = Mutex(PaymentGuard(policy, generator: generator))
        now = { origin.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    /// The breaker's state and the counters, as they are.
    public var health: PaymentHealth { decisions.withLock(\.health) }

    public func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        try await guarded(Caller(slot: request.order.slot, method: request.method)) { base throws(PaymentFailure) in
            try await base.charge(request)
        }
    }

    public func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        try await guarded(Caller(slot: order.slot)) { base throws(PaymentFailure) in try await base.lookUp(order) }
    }

    public func void(_ order: OrderID) async throws(PaymentFailure) {
        try await guarded(Caller(slot: order.slot)) { base throws(PaymentFailure) in try await base.void(order) }
    }

    public func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        try await guarded(Caller(slot: request.order.slot)) { base throws(PaymentFailure) in
            try await base.refund(request)
        }
    }

    private func guarded<Answer: Sendable>(
        _ caller: Caller, _ attempt: (any PaymentProvider) async throws(PaymentFailure) -> Answer
    ) async throws(PaymentFailure) -> Answer {
        var call = try decisions.withLock { decisions throws(PaymentFailure) in
            try decisions.begin(for: caller, at: now())
        }
        defer { decisions.withLock { $0.end() } }
        var directive = decisions.withLock { [call] in $0.admit(call, at: now()) }
        while true {
            switch directive {
            case .attempt(let permit):
                do throws(PaymentFailure) {
                    let answer = try await attempt(base)
                    decisions.withLock { [call] in $0.succeeded(permit, call, at: now()) }
                    return answer
                } catch {
                    (directive, call) = decisions.withLock { [call] decisions in
                        var call = call
                        return (decisions.failed(permit, &call, with: error, at: now()), call)
                    }
                }
            case .pause(let pause):
                // A cancelled sleep returns early, and the attempt then ends as cancelled.
                try? await sleep(pause)
                directive = decisions.withLock { [call] in $0.admit(call, at: now()) }
            case .fail(let failure):
                throw failure
            }
        }
    }
}
