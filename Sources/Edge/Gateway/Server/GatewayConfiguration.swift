/// How the gateway treats requests. Every default is meant for production.
public struct GatewayConfiguration: Sendable {
    public var rateLimits = RateLimitConfiguration()
    public var connections = ConnectionLimits()
    public var cors = CORSConfiguration()
    /// Requests being worked on at once; see ``AdmissionControl``.
    public var requestsMax = AdmissionControl.standardMax
    /// Proxies of our own in front of the gateway, which say whom they ask for.
    public var trustedProxies = TrustedProxies()
    /// Whether TLS ends in the gateway itself.
    public var isEncrypted = false
    /// Told in `Strict-Transport-Security` to clients whose connection is encrypted, here or at a trusted proxy; nil
    /// tells nothing.
    public var strictTransportSecurity: Duration?
    /// Whether a PUT without a condition is refused with 428, where there is a version to name: no client then
    /// overwrites what it has not seen.
    public var requiresPreconditions = false
    /// One line per request.
    public var logsRequests = true

    public init() {}
}
