/// How many requests one caller may make: `quota` at once, and `quota` again over every `window`.
public struct RatePolicy: Hashable, Sendable {
    /// Names the policy to clients, in `RateLimit-Policy`.
    public let name: String
    public let quota: Int
    public let window: Duration
    /// What is counted, as clients are told.
    public let counted: String

    public init(name: String, quota: Int, window: Duration, counted: String = "requests") {
        precondition(quota > 0 && window > .zero, "a rate policy lets something pass")
        self.name = name
        self.quota = quota
        self.window = window
        self.counted = counted
    }

    /// Nanoseconds that one request uses up.
    var interval: Int64 { max(1, windowNanoseconds / Int64(quota)) }
    var windowNanoseconds: Int64 { window.nanoseconds }

    /// The value of `RateLimit-Policy`. IETF draft-ietf-httpapi-ratelimit-headers-10, section 3.
    var header: String { "\"\(name)\";q=\(quota);w=\(max(1, window.components.seconds))" }
}

/// Which policy holds for whom.
public struct RateLimitConfiguration: Sendable {
    public var isEnabled = true
    /// Requests without a token or with a guest's, per address. An office behind one address browses with this.
    public var anonymous = RatePolicy(name: "anonymous", quota: 600, window: .seconds(10))
    /// A customer's token: far more than a person clicks, little enough to stop a loop.
    public var customer = RatePolicy(name: "customer", quota: 600, window: .seconds(10))
    /// Imports and replays run as fast as the node can with a staff token; this only stops a runaway.
    public var staff = RatePolicy(name: "staff", quota: 500_000, window: .seconds(10))
    /// Log-in, registration and refresh, per address: each may cost half a second of a processor.
    public var credentials = RatePolicy(name: "credentials", quota: 30, window: .seconds(60))
    /// New guests, per address: a household, or an office at its worst. What they do is counted for the address too.
    public var guests = RatePolicy(name: "guests", quota: 60, window: .seconds(3_600), counted: "new guests")
    /// Guesses at one account's password from one address, or from one device that the account knows. Past the first
    /// ten there is one in six seconds: guessing slows down, and no stranger shuts the holder out.
    public var account = RatePolicy(name: "account", quota: 10, window: .seconds(60))
    /// Requests of a customer, or from the address of guests, with an idempotency key that is kept beside its effect,
    /// as of a change of the cart: each takes some hundred bytes for a day. Orders are not among them: they stay
    /// themselves, and their keys with them.
    public var customerKeys = RatePolicy(
        name: "customer-keys", quota: 10_000, window: .seconds(86_400), counted: "requests with an Idempotency-Key")
    /// The same of staff: an import uses one for each product and each receipt.
    public var staffKeys = RatePolicy(
        name: "staff-keys", quota: 2_000_000, window: .seconds(86_400), counted: "requests with an Idempotency-Key")
    /// What callers are hashed with.
    public var seed = RateSeed.random()
    /// Whether other nodes count the same callers, with the same seed.
    public var isShared = false
    /// Callers remembered; 16 bytes and the table's overhead each.
    public var callersMax = 65_536

    public init() {}
}

extension Duration {
    /// Saturates after 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflowed { return seconds < 0 ? .min : .max }
        return whole.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
