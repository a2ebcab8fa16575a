/// What holds for one route.
public struct RoutePolicy: Sendable {
    public enum Access: Equatable, Sendable {
        /// A token is not even looked at: log-in, where an old one may still be sent along.
        case open
        /// Without a token too; one that is sent must be good.
        case optional
        /// A token of this role, or of one that includes it.
        case role(Principal.Role)
    }

    public enum RateClass: Sendable {
        /// By the token, or by the address without one and with a guest's: any number of guests may come from there.
        case standard
        /// Tighter, by address: log-in, registration, refresh.
        case credentials
        /// Tighter, by address: each makes a new guest.
        case guests
        /// Not counted: probes.
        case unlimited
    }

    /// What the conditions of a request that changes something (RFC 9110, section 13) are compared with.
    public enum Conditions: Sendable {
        /// Something without a version that a client could name: a condition on one is refused before the route is
        /// asked.
        case untagged
        /// The route compares ``GatewayContext/preconditions`` itself, in the step that makes the change.
        case versioned
        /// Nothing: the request is refused whatever it asks.
        case nothing
    }

    /// A megabyte: hundreds of order lines, or a product with all its texts.
    public static let standardBodyMax = 1 << 20

    public var access: Access
    public var rate: RateClass
    /// Bytes of the body; more are refused with 413.
    public var bodyMax: Int
    /// Whether the request is refused under overload, and logged. Probes are neither.
    public var isProbe: Bool
    /// Whether an idempotency key of the request is kept, so that callers may use so many only.
    public var keepsKeys: Bool
    public var conditions = Conditions.untagged

    public init(
        access: Access = .role(.customer), rate: RateClass = .standard, bodyMax: Int = RoutePolicy.standardBodyMax,
        isProbe: Bool = false, keepsKeys: Bool = false
    ) {
        self.access = access
        self.rate = rate
        self.bodyMax = bodyMax
        self.isProbe = isProbe
        self.keepsKeys = keepsKeys
    }

    /// The same for a route that compares conditions.
    public var versioned: RoutePolicy {
        var policy = self
        policy.conditions = .versioned
        return policy
    }

    /// A guest's, or of any other role.
    public static let guest = RoutePolicy(access: .role(.guest))
    /// As `guest`, with idempotency keys that are kept and counted.
    public static let guestKeyed = RoutePolicy(access: .role(.guest), keepsKeys: true)
    public static let customer = RoutePolicy()
    public static let staff = RoutePolicy(access: .role(.staff))
    /// Staff's, whose idempotency keys are kept and counted.
    public static let staffKeyed = RoutePolicy(access: .role(.staff), keepsKeys: true)
    public static let admin = RoutePolicy(access: .role(.admin))
    /// Administrators', whose idempotency keys are kept and counted.
    public static let adminKeyed = RoutePolicy(access: .role(.admin), keepsKeys: true)
    /// Anyone may read.
    public static let anyone = RoutePolicy(access: .optional)
    /// 16 KiB: an address, a password and a name.
    public static let credentials = RoutePolicy(access: .open, rate: .credentials, bodyMax: 16 << 10)
    /// Everything of an account at once: as dear as a log-in, and counted with them.
    public static let export = RoutePolicy(rate: .credentials, bodyMax: 0)
    /// Makes a guest: no token is asked for.
    public static let guests = RoutePolicy(access: .open, rate: .guests, bodyMax: 0)
    public static let probe = RoutePolicy(access: .open, rate: .unlimited, bodyMax: 0, isProbe: true)
}
