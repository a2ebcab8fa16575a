import EventSourcing
import Foundation
import Gateway
import Logging

/// Puts the gateway together: keys, tokens, limits and routes.
struct GatewayAssembly {
    private let configuration: NodeConfiguration
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
        settings.trustedProxies = configuration.trustedProxies
        settings.isEncrypted = certificate != nil
        settings.strictTransportSecurity = configuration.strictTransportSecurity
        metrics.observe(shop.payments)
        metrics.observe(engine.shards)
        routes = GatewayRoutes(RequestPipeline(settings, verifier: identity.verifier, metrics: metrics, logSink: sink))
        routes.addStandardRoutes(jwks: identity.jwks, notReady: { nil })
        routes.addDescription(PackageResources.openapi_yaml)
        routes.add(shop.shop, views: shop.views, identity: identity)
    }

    func server(onListening: @escaping @Sendable (String) -> Void) -> GatewayServer {
        let http = configuration.http
        let scheme = certificate == nil ? "http" : "https"
        return GatewayServer(
            routes, address: .hostname(http.host, port: http.port), certificate: certificate, logger: logger
        ) { address in
            let host = http.host.contains(":") ? "[\(http.host)]" : http.host
            onListening("\(scheme)://\(host):\(address?.port ?? http.port)")
        }
    }
}
