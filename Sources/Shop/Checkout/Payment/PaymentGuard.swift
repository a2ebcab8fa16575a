/// Decides when the provider is called, and when it is called again: breaker and retry budget in one pure value.
struct PaymentGuard: Sendable {
    private let policy: PaymentPolicy
    private var breaker: CircuitBreaker
    private var budget: RetryBudget
    private var generator: any RandomNumberGenerator & Sendable
    private(set) var health = PaymentHealth()

    /// A call under way, with its retries.
    struct Call: Sendable {
        fileprivate let begun: Duration
        fileprivate let caller: Caller
        fileprivate var retries = 0
        /// The last failure after which something may have been executed. From then on nothing but an answer is
        /// certain.
        fileprivate var unknown: PaymentFailure?
    }

    enum Directive: Sendable {
        case attempt(CircuitBreaker.Permit)
        case pause(Duration)
        case fail(PaymentFailure)
    }

    init(_ policy: PaymentPolicy, generator: any RandomNumberGenerator & Sendable) {
        self.policy = policy
        self.generator = generator
        breaker = CircuitBreaker(policy.breaker)
        budget = RetryBudget(policy.retries)
    }

    mutating func begin(for caller: Caller, at now: Duration) throws(PaymentFailure) -> Call {
        guard health.inFlight < policy.callsInFlightMax else {
            health.refusedOverload += 1
            throw .overloaded
        }
        health.inFlight += 1
        health.calls += 1
        budget.call()
        return Call(begun: now, caller: caller)
    }

    mutating func end() { health.inFlight -= 1 }

    /// Whether `call` may be sent now.
    mutating func admit(_ call: Call, at now: Duration) -> Directive {
        defer { health.breaker = breaker.state }
        switch breaker.admit(at: now) {
        case .call(let permit):
            health.attempts += 1
            return .attempt(permit)
        case .reject(let retryAfter):
            health.refusedByBreaker += 1
            return .fail(call.unknown ?? .breakerOpen(retryAfter: retryAfter))
        }
    }

    mutating func succeeded(_ permit: CircuitBreaker.Permit, _ call: Call, at now: Duration) {
        record(.success, for: permit, by: call.caller, at: now)
    }

    /// What to do after an attempt of `call` has failed.
    mutating func failed(
        _ permit: CircuitBreaker.Permit, _ call: inout Call, with failure: PaymentFailure, at now: Duration
    ) -> Directive {
        // Where no connection is made, it does not matter for whom.
        record(failure.verdict, for: permit, by: failure == .unreachable ? nil : call.caller, at: now)
        switch failure {
        case .unreachable: health.unreachable += 1
        case .unknown: health.unknown += 1
        case .rejected: health.rejected += 1
        case .voided, .breakerOpen, .overloaded: break
        }
        if failure.mayHaveExecuted { call.unknown = failure }
        // A voided key is certain, whatever went before: no charge stands.
        let told = failure == .voided ? failure : call.unknown ?? failure
        guard failure.isWorthRetrying, call.retries < policy.retries.perCallMax else { return .fail(told) }

        let pause = policy.retries.pause(before: call.retries, using: &generator)
        guard now + pause + policy.attemptTimeLimit <= call.begun + policy.timeLimit else { return .fail(told) }
        guard budget.takeRetry() else {
            health.retriesRefused += 1
            return .fail(told)
        }
        call.retries += 1
        health.retries += 1
        return .pause(pause)
    }

    private mutating func record(
        _ verdict: CircuitBreaker.Verdict, for permit: CircuitBreaker.Permit, by caller: Caller?, at now: Duration
    ) {
        let before = breaker.state
        breaker.record(verdict, for: permit, by: caller, at: now)
        health.breaker = breaker.state
        if before != .open, breaker.state == .open { health.breakerOpened += 1 }
    }
}

/// How the provider fares, for metrics. The counters only grow.
public struct PaymentHealth: Hashable, Sendable {
    public internal(set) var breaker = CircuitBreaker.State.closed
    /// Calls under way now.
    public internal(set) var inFlight = 0
    /// Calls begun, whatever became of them.
    public internal(set) var calls: UInt64 = 0
    /// Requests sent, retries included.
    public internal(set) var attempts: UInt64 = 0
    public internal(set) var retries: UInt64 = 0
    /// Retries that the budget did not allow.
    public internal(set) var retriesRefused: UInt64 = 0
    /// Attempts that ended without a connection.
    public internal(set) var unreachable: UInt64 = 0
    /// Attempts of which it is unknown whether they were executed.
    public internal(set) var unknown: UInt64 = 0
    /// Attempts that the provider refused, such as the refund of a charge that it does not know.
    public internal(set) var rejected: UInt64 = 0
    /// Attempts not made because the breaker was open.
    public internal(set) var refusedByBreaker: UInt64 = 0
    /// Calls not made because too many were under way.
    public internal(set) var refusedOverload: UInt64 = 0
    /// How often the breaker has opened.
    public internal(set) var breakerOpened: UInt64 = 0

    /// Attempts that failed by the provider's or the network's fault.
    public var failures: UInt64 { unreachable + unknown }
}
