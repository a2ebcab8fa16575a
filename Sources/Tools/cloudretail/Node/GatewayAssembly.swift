import EventSourcing
import Foundation
import Gateway
import Logging

/// Puts the gateway together: keys, tokens, limits and routes.
struct GatewayAssembly {
    /// What listens; its raw value is what is said once it does.
    enum Listener: String, Sendable {
        case gateway = "listening on"
        case metrics = "metrics on"
    }

    private let configuration: NodeConfiguration
    private let verifier: TokenVerifier
    private let routes: GatewayRoutes
    private let certificate: ServerCertificate?
    private let logger: Logger
    let metrics = Metrics()

    init(
        _ configuration: NodeConfiguration, shop: ShopServices, certificate: ServerCertificate?, engine: Engine,
        logger: Logger, sink: LineSink
    ) async throws {
        self.configuration = configuration
        self.certificate = certificate
        self.logger = logger
        let keys = try TokenKeyRing.open(directory: configuration.dataDirectory + "/keys", now: Engine.now())
        let identity = try await Identity(
            keys: keys, policy: PasswordPolicy(lengthMin: configuration.passwordLengthMin))
        try await identity.recallEndings(from: engine.shards, now: Engine.now())
        var settings = GatewayConfiguration()
        settings.rateLimits.isEnabled = configuration.rateLimits
        settings.requestsMax = configuration.requestsInFlightMax
        settings.cors.allowedOrigins = configuration.corsOrigins
        settings.requiresPreconditions = configuration.requiresPreconditions
        settings.connections.connectionsPerAddressMax = configuration.connectionsPerAddressMax
        settings.connections.fit(descriptors: FileDescriptors.raiseLimit())
        settings.trustedProxies = configuration.trustedProxies
        settings.isEncrypted = certificate != nil
        settings.strictTransportSecurity = configuration.strictTransportSecurity
        verifier = identity.verifier
        metrics.observe(shop.payments)
        metrics.observe(engine.shards)
        routes = GatewayRoutes(RequestPipeline(settings, verifier: identity.verifier, metrics: metrics, logSink: sink))
        let (directory, payments) = (engine.directory, shop.payments)
        routes.addStandardRoutes(
            jwks: identity.jwks,
            checks: [
                ReadinessCheck("log") {
                    directory.isFull ? .degraded("The disk is full; nothing new is accepted.") : .good
                },
                ReadinessCheck("payments") {
                    payments.health.breaker == .closed ? .good : .degraded("The payment provider does not answer.")
                }
            ])
        routes.addDescription(PackageResources.openapi_yaml)
        routes.add(shop.shop, views: shop.views, identity: identity)
    }

    func server(onListening: @escaping @Sendable (String) -> Void) -> GatewayServer {
        serve(routes, on: configuration.http, certificate, onListening)
    }

    /// Serves `/metrics` and nothing else; nil when that is not asked for.
    func metricsServer(onListening: @escaping @Sendable (String) -> Void) -> GatewayServer? {
        guard let address = configuration.metrics else { return nil }
        var settings = GatewayConfiguration()
        settings.rateLimits.isEnabled = false
        settings.connections.connectionsMax = Self.metricsConnectionsMax
        // What the scraper asks for is not part of what it is told.
        let routes = GatewayRoutes(RequestPipeline(settings, verifier: verifier, metrics: Metrics(), logSink: nil))
        routes.addMetrics(metrics)
        return serve(routes, on: address, nil, onListening)
    }

    /// A scraper or two, and people who look.
    private static let metricsConnectionsMax = 32

    private func serve(
        _ routes: GatewayRoutes, on address: NodeConfiguration.SocketAddress, _ certificate: ServerCertificate?,
        _ onListening: @escaping @Sendable (String) -> Void
    ) -> GatewayServer {
        let scheme = certificate == nil ? "http" : "https"
        return GatewayServer(
            routes, address: .hostname(address.host, port: address.port), certificate: certificate, logger: logger
        ) { bound in
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            onListening("\(scheme)://\(host):\(bound?.port ?? address.port)")
        }
    }
}
