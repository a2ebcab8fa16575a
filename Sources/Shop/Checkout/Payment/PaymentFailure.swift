/// Why the provider gave no answer to go by.
public enum PaymentFailure: Error, Hashable, Sendable {
    /// No connection: the request was certainly not executed.
    case unreachable
    /// The request may have been executed, or not. Ask again under the same key.
    case unknown(Cause)
    /// The provider refused the request as it is; it will refuse a retry too. `status` is HTTP's, `code` the
    /// provider's.
    case rejected(status: Int, code: String)
    /// The key was voided: no charge stands under it or will.
    case voided
    /// The breaker is open, nothing was sent. Not worth trying again before `retryAfter`.
    case breakerOpen(retryAfter: Duration)
    /// As many calls wait for the provider as may; nothing was sent.
    case overloaded

    /// What kept the answer from us.
    public enum Cause: Hashable, Sendable {
        case timedOut
        /// The connection ended after the request may have been sent.
        case connectionLost
        /// A status of 500 and above.
        case serverError(status: Int)
        /// An answer that is not what the API promises, or too large.
        case malformedAnswer
        /// The caller's task was cancelled while it waited.
        case cancelled
    }

    /// Whether the provider may have done what it was asked.
    public var mayHaveExecuted: Bool {
        switch self {
        case .unknown: true
        case .unreachable, .rejected, .voided, .breakerOpen, .overloaded: false
        }
    }

    /// Whether the same request may fare better a little later.
    var isWorthRetrying: Bool {
        switch self {
        case .unreachable: true
        case .unknown(let cause): cause != .cancelled
        case .rejected, .voided, .breakerOpen, .overloaded: false
        }
    }

    /// What a call that ended so says about the provider's health.
    var verdict: CircuitBreaker.Verdict {
        switch self {
        case .unreachable: .failure
        case .unknown(let cause): cause == .cancelled ? .abandoned : .failure
        case .rejected, .voided: .success
        case .breakerOpen, .overloaded: .abandoned
        }
    }
}
