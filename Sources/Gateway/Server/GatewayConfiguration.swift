/// How the gateway treats requests. Every default is meant for production.
public struct GatewayConfiguration: Sendable {
    public var rateLimits = RateLimitConfiguration()
    public var connections = ConnectionLimits()
    public var cors = CORSConfiguration()
    /// Requests being worked on at once; see ``AdmissionControl``.
    public var requestsMax = AdmissionControl.standardMax
    /// Proxies of our own in front of the gateway, each of which adds to `X-Forwarded-For`.
    public var proxies = 0
    /// Told in `Strict-Transport-Security`, when TLS ends in front of the gateway; nil tells nothing.
    public var strictTransportSecurity: Duration?
    /// One line per request.
    public var logsRequests = true

    public init() {}
}
