import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Speaks to the gateway for the tools: adds the token, and sends a repeatable request again, under the same key, until
/// it is answered or a time limit passes. Requests are spread over the nodes; one that a node does not answer goes to
/// the next.
public struct GatewayClient: Sendable {
    /// How long, and at what pace, a request is sent again.
    public struct Patience: Sendable {
        /// From the first attempt to giving up.
        public var limit: Duration
        /// One attempt without an answer; longer than the gateway's own limit on a request.
        public var attempt: Duration = .seconds(30)
        /// The same where another node can be asked instead: what the first has begun stands under the same key.
        public var attemptAmongSeveral: Duration = .seconds(5)
        /// The first pause; each next one is twice as long.
        public var pauseFirst: Duration = .milliseconds(50)
        /// Short, so that a restarted node finds its clients back at once.
        public var pauseMax: Duration = .seconds(1)
        /// A longer Retry-After is not believed.
        public var retryAfterMax: Duration = .seconds(30)

        public init(limit: Duration) { self.limit = limit }
    }

    /// Answers are far smaller; a larger one is not ours.
    private static let answerBytesMax = 16 << 20

    public let patience: Patience
    let nodes: NodeChoice
    private let waits = RequestWaits()
    let tokens: TokenFile
    let http: HTTPClient

    /// Opens a client for the length of `body`.
    ///
    /// - Parameters:
    ///   - addresses: of the nodes of one cluster; at least one.
    ///   - trusted: the certificates that are believed; nil for those of the machine.
    ///   - connections: how many requests may be under way at once.
    ///   - onWaiting: is told once when a request waits for long, and whom for.
    public static func with<Result: Sendable>(
        addresses: [GatewayAddress], tokens: TokenFile, trusting trusted: TrustedCertificates? = nil,
        patience: Patience, connections: Int,
        onWaiting: @escaping @Sendable (String) -> Void = { StatusLine().print($0) },
        _ body: (GatewayClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = trusted?.tls
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(5)
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = GatewayClient(nodes: NodeChoice(addresses), patience: patience, tokens: tokens, http: http)
        async let telling: Void = client.waits.tell(limit: patience.limit, onWaiting)
        do {
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try await http.shutdown()
            throw error
        }
    }

    private init(nodes: NodeChoice, patience: Patience, tokens: TokenFile, http: HTTPClient) {
        self.nodes = nodes
        self.patience = patience
        self.tokens = tokens
        self.http = http
    }

    var addresses: [GatewayAddress] { nodes.addresses }

    /// The gateway's answer, whatever its status.
    ///
    /// - Throws: ``GatewayFault/unanswered(attempts:within:last:)``, ``TokenFile/Fault``, `CancellationError`, or
    ///   ``GatewayFault/unreachable(url:reason:)`` when the request may not be sent twice, or
    ///   ``GatewayFault/untrusted(url:)``.
    func send(_ request: GatewayRequest) async throws -> GatewayReply {
        let start = ContinuousClock.now
        var attempts = 0
        var pause = patience.pauseFirst
        var hasNewToken = false
        var node = nodes.next()
        // Nodes that have given no answer since the last pause.
        var failed = 0
        let waiting = waits.begin(for: addresses[node])
        defer { waits.end(waiting) }
        while true {
            attempts += 1
            let token = await tokens.accessToken
            let obstacle: String
            var cause: String?
            let asked = node
            var wait = pause * Double.random(in: 0.5...1)
            do {
                var reply = try await attempt(request, token: token, at: node)
                reply.attempts = attempts
                switch verdict(on: reply, to: request) {
                case .answered: return reply
                case .tokenRefused:
                    if hasNewToken { return reply }
                    try await tokens.renew(refused: token) { try await exchange($0, at: asked) }
                    hasNewToken = true
                    attempts -= 1
                    continue
                case .later(let retryAfter):
                    obstacle = reply.summary
                    wait = max(wait, min(retryAfter ?? .zero, patience.retryAfterMax))
                case .elsewhere(let retryAfter):
                    obstacle = reply.summary
                    failed += 1
                    node = nodes.next()
                    wait = max(wait, min(retryAfter ?? .zero, patience.retryAfterMax))
                }
            } catch let error as TokenFile.Fault {
                throw error
            } catch let error as GatewayFault where error.isFinal {
                throw error
            } catch where request.isRepeatable && !(error is CancellationError) && !Task.isCancelled {
                obstacle = "\(error)"
                if case .unreachable(_, let reason) = error as? GatewayFault { cause = reason }
                nodes.failed(node)
                failed += 1
                node = nodes.next()
            }
            hasNewToken = false
            waits.note(cause ?? obstacle, of: addresses[asked], for: waiting)
            if node != asked, failed < addresses.count { continue }
            failed = 0
            guard ContinuousClock.now - start + wait < patience.limit else {
                throw GatewayFault.unanswered(attempts: attempts, within: patience.limit, last: obstacle)
            }
            try await Task.sleep(for: wait)
            pause = min(pause * 2, patience.pauseMax)
        }
    }

    private enum Verdict {
        case answered, tokenRefused
        case later(after: Duration?)
        /// Not this node, or not now.
        case elsewhere(after: Duration?)
    }

    /// Which answers say "not now": overload, a limit, a proxy without a node behind it, or a twin still under way.
    /// A refusal that the gateway repeats from memory will not change.
    private func verdict(on reply: GatewayReply, to request: GatewayRequest) -> Verdict {
        switch reply.status {
        case 401: .tokenRefused
        case 429: .later(after: reply.retryAfter)
        case 502, 503, 504: request.isRepeatable && !reply.isReplayed ? .elsewhere(after: reply.retryAfter) : .answered
        case 409 where reply.retryAfter != nil: request.isRepeatable ? .later(after: reply.retryAfter) : .answered
        default: .answered
        }
    }

    private func attempt(_ request: GatewayRequest, token: String?, at node: Int) async throws -> GatewayReply {
        var outgoing = HTTPClientRequest(url: "\(addresses[node])/api/v1\(request.path)")
        outgoing.method = request.method
        outgoing.headers.add(name: "Accept", value: "application/json")
        if let token { outgoing.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key = request.idempotencyKey { outgoing.headers.add(name: "Idempotency-Key", value: key) }
        if let version = request.ifMatch { outgoing.headers.add(name: "If-Match", value: version) }
        if let body = request.body {
            outgoing.headers.add(name: "Content-Type", value: "application/json")
            outgoing.body = .bytes(body)
        }
        let deadline = NIODeadline.now() + TimeAmount(
            addresses.count > 1 ? min(patience.attempt, patience.attemptAmongSeveral) : patience.attempt)
        do {
            let response = try await http.execute(outgoing, deadline: deadline)
            let body = try await response.body.collect(upTo: Self.answerBytesMax)
            return GatewayReply(status: Int(response.status.code), headers: response.headers, body: body)
        } catch where !Task.isCancelled {
            throw GatewayFault(error, at: addresses[node])
        }
    }

    /// Trades a refresh token for new ones. Only when no answer came is it shown again, with the request that needs it.
    private func exchange(_ refreshToken: String, at node: Int) async throws -> TokenFile.Tokens {
        let body = ByteBuffer(bytes: try JSON.encoder.encode(["refresh_token": refreshToken]))
        let request = GatewayRequest(method: .POST, path: "/auth/refresh", body: body, idempotencyKey: nil)
        let reply = try await attempt(request, token: nil, at: node)
        guard reply.status == 200 else { throw TokenFile.Fault.notRenewed(reply.summary) }
        return try reply.decode(TokenFile.Tokens.self)
    }
}
