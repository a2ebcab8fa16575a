import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP server as a service: it serves until it is told to stop, then finishes what it has begun.
public struct GatewayServer: Service {
    private let application: Application<RouterResponder<GatewayContext>>

    /// - Parameters:
    ///   - address: where to listen; port 0 takes a free one.
    ///   - onRunning: is told the address once connections are accepted.
    public init(
        _ routes: GatewayRoutes, address: BindAddress, logger: Logger,
        onRunning: @escaping @Sendable (SocketAddress?) async -> Void = { _ in }
    ) {
        let limits = routes.pipeline.configuration.connections
        let clock = routes.pipeline.clock
        application = Application(
            responder: routes.responder(), server: Self.http1(limits, clock),
            configuration: ApplicationConfiguration(
                address: address, backlog: limits.backlog,
                availableConnectionsDelegate: .maximum(limits.connectionsMax, logger: logger)),
            onServerRunning: { channel in await onRunning(channel.localAddress) }, logger: logger)
    }

    /// HTTP/1.1 within its limits.
    static func http1(_ limits: ConnectionLimits, _ clock: GatewayClock) -> HTTPServerBuilder {
        .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(limits: limits, now: clock.monotonic)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerFieldMax, maxHeaderListSize: limits.headersMax,
                    maxHeaderFieldCount: limits.headerCountMax)))
    }

    public func run() async throws { try await application.run() }
}
