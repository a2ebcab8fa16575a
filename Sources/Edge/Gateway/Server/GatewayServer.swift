import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server as a service: it serves until it is told to stop, then finishes what it has begun.
public struct GatewayServer: Service {
    private let application: Application<GatewayResponder>

    /// - Parameters:
    ///   - address: where to listen; port 0 takes a free one.
    ///   - certificate: of a server that speaks TLS, and under it HTTP/2 and HTTP/1.1; nil for one in the clear.
    ///   - onRunning: is told the address once connections are accepted.
    public init(
        _ routes: GatewayRoutes, address: BindAddress, certificate: ServerCertificate? = nil, logger: Logger,
        onRunning: @escaping @Sendable (SocketAddress?) async -> Void = { _ in }
    ) {
        let pipeline = routes.pipeline
        let limits = pipeline.configuration.connections
        let clock = pipeline.clock
        let gate = Self.gate(pipeline, logger)
        let (shedding, table) = (routes.shedding, routes.table)
        application = Application(
            responder: routes.responder(),
            server: certificate.map { Self.encrypted(limits, clock, shedding, table, $0) }
                ?? Self.http1(limits, clock, shedding, table),
            configuration: ApplicationConfiguration(address: address, backlog: limits.backlog),
            onServerRunning: { channel in
                do { try await gate(channel) } catch {
                    logger.critical("Connections cannot be limited; the server ends", error: error)
                    return channel.close(promise: nil)
                }
                await onRunning(channel.localAddress)
            }, logger: logger)
    }

    /// Puts the gate before what accepts connections.
    private static func gate(
        _ pipeline: RequestPipeline, _ logger: Logger
    ) -> @Sendable (any Channel) async throws -> Void {
        let configuration = pipeline.configuration
        let limits = configuration.connections
        let open = pipeline.metrics.gauge("http_connections", "Open connections.")
        let refused = pipeline.metrics.counter(
            "http_connections_refused_total", "Connections closed for a limit, or not accepted by the system.")
        let notice = ConnectionNotice(logger: logger, refused: refused, now: pipeline.clock.monotonic)
        let addresses = ConnectionAddresses(
            max: limits.connectionsPerAddressMax, uncounted: configuration.trustedProxies, notice: notice)
        return { channel in
            try await channel.eventLoop.submit {
                let gate = ConnectionGate(
                    max: limits.connectionsMax, addresses: addresses, notice: notice, open: open)
                try channel.pipeline.syncOperations.addHandler(gate, position: .first)
            }.get()
        }
    }

    /// HTTP/1.1 within its limits.
    static func http1(
        _ limits: ConnectionLimits, _ clock: GatewayClock, _ shedding: LoadShedding, _ table: RouteTable
    ) -> HTTPServerBuilder {
        .http1(configuration: connection(limits, clock, shedding, table))
    }

    /// HTTP/2 and HTTP/1.1 under TLS. What holds for a connection of HTTP/1.1 holds for each stream of HTTP/2; the
    /// connection around the streams may be idle as long, and the library bounds its streams, frames and resets.
    static func encrypted(
        _ limits: ConnectionLimits, _ clock: GatewayClock, _ shedding: LoadShedding, _ table: RouteTable,
        _ certificate: ServerCertificate
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            EncryptedChannel(
                certificate: certificate,
                http1: HTTP1Channel(responder: responder, configuration: connection(limits, clock, shedding, table)),
                http2: HTTP2Channel(
                    responder: responder,
                    configuration: .init(
                        idleTimeout: limits.idleTimeMax, gracefulCloseTimeout: limits.answerTimeMax,
                        streamConfiguration: HTTP1Channel.Configuration(
                            additionalChannelHandlers: [
                                ConnectionFieldFilter(),
                                ConnectionGuard(limits: limits, now: clock.monotonic, shedding: shedding, table: table),
                            ]))),
                handshakeTimeMax: limits.handshakeTimeMax)
        }
    }

    private static func connection(
        _ limits: ConnectionLimits, _ clock: GatewayClock, _ shedding: LoadShedding, _ table: RouteTable
    ) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(limits: limits, now: clock.monotonic, shedding: shedding, table: table)
            ],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerFieldMax, maxHeaderListSize: limits.headersMax,
                maxHeaderFieldCount: limits.headerCountMax))
    }

    /// Serves until it is told to stop. Its task being cancelled tells it the same: the library's server logs a
    /// cancellation as errors, behind which the reason why a node ends is hard to find.
    public func run() async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: application, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: application.logger))
        let serving = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
