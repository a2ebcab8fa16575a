import Checkout

/// Decides when a service is called again: breaker, retry budget and the difference of the clocks in one pure value.
struct CloudGuard: Sendable {
    /// A call under way, with its retries.
    struct Call: Sendable {
        fileprivate let begun: Duration
        fileprivate var retries = 0
        fileprivate var last = "the circuit breaker is open"
    }

    /// How an attempt went.
    enum Outcome: Sendable {
        case done
        /// No answer, in whole or in time.
        case unanswered(String)
        case refused(CloudRefusal)
        /// The service's clock shows another time than ours by so much.
        case skewed(by: Duration)
        /// The service takes the credentials no longer.
        case expired(CloudRefusal)
    }

    enum Directive: Sendable {
        case attempt(CircuitBreaker.Permit)
        case pause(Duration)
        case fail(CloudFailure)
    }

    private let policy: CloudPolicy
    private var breaker: CircuitBreaker
    private var budget: RetryBudget
    private var generator: any RandomNumberGenerator & Sendable
    /// How far the service's clock is ahead of ours.
    private(set) var skew = Duration.zero

    init(_ policy: CloudPolicy, generator: any RandomNumberGenerator & Sendable) {
        self.policy = policy
        self.generator = generator
        breaker = CircuitBreaker(policy.breaker)
        budget = RetryBudget(policy.retries)
    }

    mutating func begin(at now: Duration) -> Call {
        budget.call()
        return Call(begun: now)
    }

    /// Whether `call` may be sent now. An open breaker is waited for as long as the call has time.
    mutating func admit(_ call: Call, at now: Duration) -> Directive {
        switch breaker.admit(at: now) {
        case .call(let permit): return .attempt(permit)
        case .reject(let pause):
            guard now + pause <= call.begun + policy.timeLimit else { return .fail(.unavailable(last: call.last)) }
            return .pause(pause)
        }
    }

    /// What to do after an attempt of `call`; nil when it is done.
    mutating func ended(
        _ outcome: Outcome, of call: inout Call, _ permit: CircuitBreaker.Permit, at now: Duration
    ) -> Directive? {
        breaker.record(Self.verdict(of: outcome), for: permit, at: now)
        switch outcome {
        case .done: return nil
        case .unanswered(let reason): call.last = reason
        case .refused(let refusal):
            guard refusal.isThrottling || refusal.isFault else { return .fail(.refused(refusal)) }
            call.last = refusal.description
        case .skewed(let difference): skew += difference
        case .expired(let refusal):
            // Others are had at once, or not at all.
            guard call.retries == 0 else { return .fail(.refused(refusal)) }
        }
        let pause = policy.retries.pause(before: call.retries, using: &generator)
        let isInTime = now + pause + policy.connectTimeLimit <= call.begun + policy.timeLimit
        guard call.retries < policy.retries.perCallMax, isInTime, budget.takeRetry() else {
            return .fail(.unavailable(last: call.last))
        }
        call.retries += 1
        return .pause(pause)
    }

    /// The caller has given up an attempt, which says nothing of the service.
    mutating func abandon(_ permit: CircuitBreaker.Permit, at now: Duration) {
        breaker.record(.abandoned, for: permit, at: now)
    }

    /// A service that refuses works. One that throttles says nothing of whether it does.
    private static func verdict(of outcome: Outcome) -> CircuitBreaker.Verdict {
        switch outcome {
        case .done, .skewed, .expired: .success
        case .unanswered: .failure
        case .refused(let refusal): refusal.isThrottling ? .abandoned : refusal.isFault ? .failure : .success
        }
    }
}
