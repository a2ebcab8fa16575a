import EventSourcing
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Everything that happens to a request around its route, in one layer: a layer of middleware costs more than most of
/// this.
///
/// In order: id and trace, admission, token, rate, conditions, the route, errors to problems, header fields, metrics,
/// log.
public final class RequestPipeline: Sendable {
    public let configuration: GatewayConfiguration
    public let metrics: Metrics
    public let admission: AdmissionControl
    let clock: GatewayClock
    public let limiter: RateLimiter
    /// Requests answered; probes are not counted.
    public let answered = Counter()
    let cors: CORS
    private let verifier: TokenVerifier
    private let readiness: NodeReadiness?
    private let fullDisk: @Sendable () -> String?
    private let accessLog: AccessLog?
    private let strictTransport: HTTPField?
    private let panics: Counter
    private let refusedByRate: Counter

    /// - Parameters:
    ///   - verifier: tells who holds a token.
    ///   - readiness: whether the node has opened; nil for what answers before.
    ///   - fullDisk: which disks are full, for people, where that keeps this node from serving all; nil otherwise.
    ///   - logSink: takes the access log; nil keeps none.
    public init(
        _ configuration: GatewayConfiguration, verifier: TokenVerifier, readiness: NodeReadiness? = nil,
        fullDisk: @escaping @Sendable () -> String? = { nil }, metrics: Metrics, logSink: LineSink?,
        clock: GatewayClock = .system
    ) {
        self.configuration = configuration
        self.verifier = verifier
        self.readiness = readiness
        self.fullDisk = fullDisk
        self.metrics = metrics
        self.clock = clock
        let admission = AdmissionControl(max: configuration.requestsMax)
        self.admission = admission
        limiter = RateLimiter(
            callersMax: configuration.rateLimits.callersMax, isShared: configuration.rateLimits.isShared)
        cors = CORS(configuration.cors)
        accessLog = configuration.logsRequests ? logSink.map(AccessLog.init) : nil
        strictTransport = configuration.strictTransportSecurity.map {
            HTTPField(name: .strictTransportSecurity, value: "max-age=\($0.components.seconds)")
        }
        metrics.observed("http_requests_in_flight", "Requests being worked on.") { admission.count }
        panics = metrics.counter(
            "http_unexpected_errors_total", "Requests that failed for a reason that no problem names.")
        refusedByRate = metrics.counter("http_rate_limited_total", "Requests refused by a rate limit.")
        if let logSink {
            metrics.observed("log_lines_dropped_total", "Lines lost because the log's reader is slow.", isCounter: true)
            {
                logSink.dropped
            }
        }
    }

    static let securityFields = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
    ]

    // MARK: The layer

    /// Answers one request. Throws only what the server itself must see: that a body has broken off.
    func respond(to request: Request, _ unprepared: GatewayContext, _ route: Route) async throws -> Response {
        let start = clock.monotonic()
        let fields = RequestFields(request.headers)
        let forwarded = ForwardedClient(
            unprepared.channel.remoteAddress, isSecure: configuration.isEncrypted, fields,
            proxies: configuration.trustedProxies)
        let client = ClientAddress(forwarded.address)
        var context = prepare(unprepared, fields, client, route)
        var response: Response
        var code: ProblemCode?
        var verdict: RateVerdict?
        do {
            if route.policy.isProbe {
                response = try await answer(request, context, route)
            } else {
                try requireOpen()
                try admission.enter()
                defer { admission.leave() }
                verdict = try await identify(&context, fields, client, route.policy, now: start)
                response = try await answer(request, context, route)
            }
        } catch let error as BodyBrokeOff {
            throw error
        } catch {
            let problem = problem(error, context, route)
            code = problem.code
            response = problem.response(requestID: context.requestID)
        }
        decorate(&response, context, fields, verdict)
        // A browser heeds it on an encrypted connection only (RFC 6797, section 7.2).
        if forwarded.isSecure, let strictTransport { response.headers.append(strictTransport) }
        if request.method == .head { response.removeContent() }
        let duration = clock.monotonic() - start
        route.metrics.record(status: response.status.code, nanoseconds: duration)
        if !route.policy.isProbe { answered.add() }
        if let accessLog, !route.policy.isProbe {
            accessLog.record(
                AccessLog.Entry(
                    time: context.receivedAt, method: request.method, route: route.pattern,
                    status: response.status.code,
                    nanoseconds: duration, bytes: response.body.contentLength, client: client.description,
                    context: context,
                    code: code))
        }
        return response
    }

    /// Asks the route, if the request's conditions let it.
    ///
    /// What a route answers to a read tells whether they do; what a route changes has to be compared before, by the
    /// route when it is versioned, and here when it is not.
    private func answer(_ request: Request, _ context: GatewayContext, _ route: Route) async throws -> Response {
        let isRead = request.method == .get || request.method == .head
        switch route.policy.conditions {
        case .untagged where !isRead: try context.preconditions.check(.untagged)
        case .versioned where request.method == .put && configuration.requiresPreconditions:
            if context.preconditions.isEmpty { throw Problem(.preconditionRequired) }
        case .untagged, .versioned, .nothing: break
        }
        var response = try await route.handler(request, context)
        if isRead { try context.preconditions.apply(to: &response) }
        return response
    }

    /// - Throws: 503 while the node is not ready.
    private func requireOpen() throws(Problem) {
        guard let readiness, !readiness.isOpen else { return }
        throw Problem(.notReady, readiness.reason).retry(after: .seconds(1))
    }

    private func prepare(
        _ context: GatewayContext, _ fields: RequestFields, _ client: ClientAddress, _ route: Route
    ) -> GatewayContext {
        var context = context
        context.client = client
        context.ended = verifier.ended
        context.receivedAt = clock.wall()
        context.bodyMax = route.policy.bodyMax
        context.preconditions = fields.preconditions
        context.requestID = fields.requestID.flatMap { RequestID.isAcceptable($0) ? $0 : nil } ?? RequestID.next()
        context.trace = fields.traceparent.flatMap(TraceContext.init)?.child()
        return context
    }

    private func problem(_ error: any Error, _ context: GatewayContext, _ route: Route) -> Problem {
        if let problem = Problem(error) { return naming(problem) }
        // The client has gone, or the server is stopping; no client is listening.
        if error is CancellationError { return Problem(.shuttingDown) }
        panics.add()
        context.log.error("a request failed unexpectedly", error: error, metadata: ["route": .string(route.pattern)])
        return Problem(.internalError)
    }

    /// On a full disk a node falls behind its leader, and no new leader is established: clients are told the cause.
    private func naming(_ problem: Problem) -> Problem {
        guard problem.code == .noLeader, let reason = fullDisk() else { return problem }
        return Problem(.storageFull, reason).retry(after: .seconds(1))
    }

    private func decorate(
        _ response: inout Response, _ context: GatewayContext, _ fields: RequestFields, _ verdict: RateVerdict?
    ) {
        response.headers.append(HTTPField(name: .requestID, value: context.requestID))
        for field in Self.securityFields { response.headers.append(field) }
        if !response.headers.contains(.cacheControl) {
            response.headers.append(HTTPField(name: .cacheControl, value: "no-store"))
        }
        if let trace = context.trace {
            response.headers.append(HTTPField(name: .traceparent, value: trace.description))
        }
        cors.decorate(&response, origin: fields.origin)
        // A caller far from a limit need not be told of it on every answer.
        if let verdict, verdict.verdict.remaining < verdict.policy.quota / 4 {
            response.headers.append(HTTPField(name: .rateLimit, value: verdict.verdict.header(verdict.policy)))
            response.headers.append(HTTPField(name: .rateLimitPolicy, value: verdict.policy.header))
        }
    }
}

// MARK: - Who and how often

extension RequestPipeline {
    struct RateVerdict {
        let verdict: RateLimiter.Verdict
        let policy: RatePolicy
    }

    /// Finds out who asks, and counts the request.
    private func identify(
        _ context: inout GatewayContext, _ fields: RequestFields, _ client: ClientAddress, _ policy: RoutePolicy,
        now: Int64
    ) async throws -> RateVerdict? {
        let rates = configuration.rateLimits
        switch policy.access {
        case .open: break
        case .optional, .role:
            if fields.isAmbiguous { throw Problem(.invalidToken) }
            if fields.authorization != nil {
                // Credentials of another scheme are told as none (RFC 6750, section 3.1), and never passed over: their
                // sender would be served as someone else.
                guard let token = fields.bearerToken else {
                    throw Problem(.authenticationRequired, "The only scheme of Authorization that is taken is Bearer.")
                }
                context.principal = try await principal(token, client, receivedAt: context.receivedAt, now: now)
            }
            if case .role(let role) = policy.access { try context.requireRole(role) }
        }
        switch policy.rate {
        case .unlimited: return nil
        case .credentials: return try count(client, rates.credentials, now: now)
        case .guests: return try count(client, rates.guests, now: now)
        case .standard:
            let keepsKey = policy.keepsKeys && fields.hasIdempotencyKey
            guard let principal = context.principal, principal.role > .guest else {
                if keepsKey { _ = try count(client, rates.customerKeys, now: now) }
                return try count(client, rates.anonymous, now: now)
            }
            let isCustomer = principal.role == .customer
            let verdict = try count(principal.subject, isCustomer ? rates.customer : rates.staff, now: now)
            if keepsKey {
                _ = try count(principal.subject, isCustomer ? rates.customerKeys : rates.staffKeys, now: now)
            }
            return verdict
        }
    }

    /// A token that is not remembered costs a signature, which is charged to the address before it is checked.
    private func principal(
        _ token: String, _ client: ClientAddress, receivedAt: Timestamp, now: Int64
    ) async throws -> Principal {
        try verifier.requireFresh(now: now)
        if let principal = verifier.remembered(token, now: receivedAt) { return principal }
        _ = try count(client, configuration.rateLimits.anonymous, now: now)
        return try await verifier.verify(token, now: receivedAt)
    }

    private func count(_ caller: some RateCaller, _ policy: RatePolicy, now: Int64) throws(Problem) -> RateVerdict? {
        guard configuration.rateLimits.isEnabled else { return nil }
        let verdict = limiter.count(RateKey(policy, caller, configuration.rateLimits.seed), policy, now: now)
        guard verdict.isAllowed else {
            refusedByRate.add()
            throw verdict.problem(policy)
        }
        return RateVerdict(verdict: verdict, policy: policy)
    }

    /// Counts a guess at an account's password.
    ///
    /// - Throws: 429.
    func countGuess(_ key: GuessKey) throws(Problem) {
        _ = try count(key, configuration.rateLimits.account, now: clock.monotonic())
    }
}

extension Response {
    /// Leaves the head of the answer to GET: HEAD is answered without content, errors too (RFC 9110, section 9.3.2).
    fileprivate mutating func removeContent() {
        let length = headers[.contentLength]
        body = ResponseBody()
        headers[.contentLength] = length
    }
}
