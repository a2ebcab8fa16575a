import Checkout

/// How patient calls to a service are. Each default says why.
public struct CloudPolicy: Sendable {
    /// One attempt, body included: a part of an upload (`S3Client.partBytes`) within it takes 280 KB/s.
    public var attemptTimeLimit: Duration = .seconds(30)
    /// The whole of a call, retries included: a service that restarts is back by then.
    public var timeLimit: Duration = .seconds(120)
    public var connectTimeLimit: Duration = .seconds(3)
    public var connectionsMax = 8
    public var breaker = CircuitBreaker.Settings()
    public var retries = CloudPolicy.patientRetries

    /// A call of a tool is worth more attempts than one that a shopper waits for.
    public static let patientRetries: RetryPolicy = {
        var retries = RetryPolicy()
        retries.perCallMax = 8
        retries.percentOfCalls = 50
        retries.burst = 40
        retries.pauseMax = .seconds(5)
        return retries
    }()

    public init() {}
}
