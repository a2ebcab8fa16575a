import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP server as a service: it serves until it is told to stop, then finishes what it has begun.
public struct GatewayServer: Service {
    private let server: Server<RequestChannel>
    private let stop: StopSignal
    private let logger: Logger

    /// - Parameters:
    ///   - address: where to listen; port 0 takes a free one.
    ///   - certificate: of a server that speaks TLS, and under it HTTP/2 and HTTP/1.1; nil for one in the clear.
    ///   - onRunning: is told the address once connections are accepted.
    public init(
        _ routes: GatewayRoutes, address: BindAddress, certificate: ServerCertificate? = nil, logger: Logger,
        onRunning: @escaping @Sendable (SocketAddress?) async -> Void = { _ in }
    ) {
        let pipeline = routes.pipeline
        let gate = Self.gate(pipeline, logger)
        self.logger = logger
        stop = routes.stop
        server = Server(
            childChannelSetup: RequestChannel(routes, certificate),
            configuration: ServerConfiguration(
                address: address, backlog: pipeline.configuration.connections.backlog),
            onServerRunning: { channel in
                do { try await gate(channel) } catch {
                    logger.critical("Connections cannot be limited; the server ends", error: error)
                    return channel.close(promise: nil)
                }
                await onRunning(channel.localAddress)
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
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

    /// Serves until it is told to stop. Its task being cancelled tells it the same: the library's server logs a
    /// cancellation as errors, behind which the reason why a node ends is hard to find.
    public func run() async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        let serving = Task { try await group.run() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await serving.value
        } onCancelOrGracefulShutdown: {
            stop.raise()
            Task { await group.triggerGracefulShutdown() }
        }
    }
}
