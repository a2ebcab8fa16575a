import ActorSystem
import EventSourcing
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

/// A gateway with a few routes, a clock that stands until it is moved, and its log.
struct GatewayFixture: Sendable {
    struct Unexpected: Error {}

    let pipeline: RequestPipeline
    let issuer: TokenIssuer
    let lines = Lines()
    let nanoseconds = Moved()

    final class Moved: Sendable {
        let value = Atomic<Int64>(1_000_000_000_000)
        func advance(_ duration: Duration) { value.wrappingAdd(duration.nanoseconds, ordering: .relaxed) }
    }

    init(
        fullDisk: String? = nil, _ change: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = GatewayConfiguration()
        change(&configuration)
        let ring = TokenKeyRing(keys: [try TokenKey(generating: .es256)])
        issuer = try await TokenIssuer(.init(), keys: ring)
        let clock = GatewayClock(
            wall: { [nanoseconds] in
                TokenTests.now + .nanoseconds(nanoseconds.value.load(ordering: .relaxed) - 1_000_000_000_000)
            },
            monotonic: { [nanoseconds] in nanoseconds.value.load(ordering: .relaxed) })
        pipeline = RequestPipeline(
            configuration, verifier: try await TokenVerifier(.init(), keys: ring), fullDisk: { fullDisk },
            metrics: Metrics(), logSink: lines.sink,
            clock: clock)
    }

    func token(_ role: Principal.Role, subject: String = "cus_1") async throws -> String {
        try await issuer.issue(subject: subject, role: role, sessionID: "ses_1", now: TokenTests.now).token
    }

    func bearer(_ role: Principal.Role, subject: String = "cus_1") async throws -> HTTPFields {
        [.authorization: "Bearer " + (try await token(role, subject: subject))]
    }

    func routes() -> GatewayRoutes {
        let routes = GatewayRoutes(pipeline)
        routes.addStandardRoutes(
            jwks: { [UInt8]("{}".utf8) },
            checks: [
                ReadinessCheck("log") { [nanoseconds] in
                    nanoseconds.value.load(ordering: .relaxed) < 2_000_000_000_000
                        ? .good : .failing("The log is being replayed.")
                },
                ReadinessCheck("payments") { .degraded("The provider is away.") },
            ])
        routes.get("/public/{name}", .anyone) { request, context in
            var json = JSONWriter()
            json.object { json in
                json.field("name", context.parameters.get("name") ?? "")
                json.field("subject", context.principal?.subject)
            }
            return Response(json: json)
        }
        routes.post("/orders", RoutePolicy(bodyMax: 64)) { request, context in
            let quantity = try await request.decode(context) { (body: inout ObjectReader) in
                body.integer("quantity", in: 1...9)
            }
            var json = JSONWriter()
            json.object { $0.field("quantity", quantity) }
            return Response(status: .created, json: json)
        }
        routes.get("/staff", .staff) { _, context in
            Response(
                json: {
                    var json = JSONWriter(); json.value(context.principal?.subject ?? ""); return json
                }())
        }
        routes.post("/login", .credentials) { _, _ in Response(status: .noContent) }
        routes.get("/broken", .anyone) { _, _ in throw Unexpected() }
        routes.get("/leaderless", .anyone) { _, _ in throw ExecutionFailure.refused(.closed) }
        routes.get("/refusing", .anyone) { _, _ in throw HTTPError(.badRequest, message: "internal secret") }
        return routes
    }

    /// Runs the whole server on loopback.
    func run<T: Sendable>(
        _ routes: GatewayRoutes? = nil, _ body: @Sendable @escaping (any TestClientProtocol) async throws -> T
    ) async throws -> T {
        var logger = Logger(label: "test") { JSONLogHandler(label: $0, sink: lines.sink, level: .info) }
        logger.logLevel = .info
        let routes = routes ?? self.routes()
        let channel = RequestChannel(routes, nil)
        let application = Application(
            responder: channel.responder, server: HTTPServerBuilder { _ in channel },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)), logger: logger)
        return try await application.test(.live) { client in try await body(client) }
    }
}

/// Sends bytes on a connection of its own and gives everything that comes back until the other side closes.
///
/// - Parameter pause: between two pieces, so that they come one by one.
func exchange(
    port: Int, _ pieces: [String], pause: Duration = .zero, onText: @escaping @Sendable (String) -> Void = { _ in }
) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        var text = ""
        do {
            for piece in pieces {
                try await outbound.write(ByteBuffer(string: piece))
                if pause > .zero { try await Task.sleep(for: pause) }
            }
            for try await buffer in inbound {
                text += String(buffer: buffer)
                onText(text)
            }
        } catch where error is IOError || error is ChannelError {
            // The other side may reset a connection whose bytes it does not want; what it said before counts.
        }
        return text
    }
}

/// Tells what comes.
final class Received: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let bytes: @Sendable (ByteBuffer) -> Void

    init(_ count: @escaping @Sendable (Int) -> Void) { bytes = { count($0.readableBytes) } }
    init(text: @escaping @Sendable (String) -> Void) { bytes = { text(String(buffer: $0)) } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { bytes(unwrapInboundIn(data)) }
}
