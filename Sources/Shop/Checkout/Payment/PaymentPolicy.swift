/// How patient we are with the payment provider. Each default says why.
public struct PaymentPolicy: Hashable, Sendable {
    /// The whole of a call, retries included. A shopper waits about ten seconds; after it the payment is unknown.
    public var timeLimit: Duration = .seconds(10)
    /// One attempt. Two fit within the whole, so that one lost answer is made good before the shopper is told anything.
    public var attemptTimeLimit: Duration = .seconds(4)
    /// Waiting for a connection: for a free one, or for a new one with TLS. A provider that is there accepts within a
    /// second, also when one packet is lost.
    public var connectTimeLimit: Duration = .seconds(2)
    /// Connections to the provider. At 50 ms a charge, 64 carry 1,280 charges a second; the orders that one customer
    /// may have under way (`CheckoutPolicy.underWayMax`), each waiting for an answer that never comes, take a quarter.
    public var connectionsMax = 256
    /// Calls that wait at once. Four deep per connection, 256 connections answer well within the time limit of an
    /// attempt.
    public var callsInFlightMax = 1_024
    public var breaker = CircuitBreaker.Settings()
    public var retries = RetryPolicy()

    public init() {}
}

/// When a failed call is tried again.
public struct RetryPolicy: Hashable, Sendable {
    /// Retries of one call. A third failure in a row is no accident.
    public var perCallMax = 2
    /// Retries per hundred calls over time: what a sick provider has to bear on top.
    public var percentOfCalls = 10
    /// Retries that may be saved up, so that a burst of failures after a quiet time is still made good.
    public var burst = 10
    /// The longest pause before the first retry; it doubles with each further one.
    public var pauseFirst: Duration = .milliseconds(100)
    /// The longest pause before any retry.
    public var pauseMax: Duration = .seconds(1)

    public init() {}

    /// The pause before retry number `retry`, counted from 0: any length up to a limit that doubles each time.
    ///
    /// Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
    public func pause(before retry: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(retry, 30)
        let limit = min(pauseFirst * (1 << doublings), pauseMax)
        return limit * Double.random(in: 0...1, using: &generator)
    }
}

/// How many retries may be made: a bucket of tokens that calls fill and retries empty.
///
/// Invariant: `0 <= tokens <= capacity`, in hundredths of a retry.
public struct RetryBudget: Hashable, Sendable {
    private static let retry = 100
    private let deposit: Int
    private let capacity: Int
    private var tokens: Int

    public init(_ policy: RetryPolicy) {
        deposit = policy.percentOfCalls
        capacity = policy.burst * Self.retry
        tokens = capacity
    }

    /// A call that is no retry.
    public mutating func call() {
        tokens = min(tokens + deposit, capacity)
    }

    /// Takes a retry out of the budget; false when there is none.
    public mutating func takeRetry() -> Bool {
        guard tokens >= Self.retry else { return false }
        tokens -= Self.retry
        return true
    }
}
