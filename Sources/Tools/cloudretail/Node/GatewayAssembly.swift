import Cluster
import Consensus
import EventSourcing
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import Storage
import Transport

/// Puts the gateway together: keys, tokens, limits and routes.
struct GatewayAssembly {
    /// What listens; its raw value is what is said once it does.
    enum Listener: String, Sendable {
        case gateway = "listening on"
        case metrics = "metrics on"
    }

    private let configuration: NodeConfiguration
    private let identity: Identity
    private let keys: KeyPublisher
    private let readiness: NodeReadiness
    let board: ClusterBoard
    private let gossip: Gossip?
    private let routes: GatewayRoutes
    private let certificate: ServerCertificate?
    private let logger: Logger
    let metrics = Metrics()

    /// - Parameter peers: before they are talked to; nil on a node alone.
    init(
        _ configuration: NodeConfiguration, shop: ShopServices, certificate: ServerCertificate?, engine: Engine,
        peers: NodePeers? = nil, logger: Logger, sink: LineSink
    ) async throws {
        self.configuration = configuration
        self.certificate = certificate
        self.logger = logger
        let directory = configuration.dataDirectory + "/keys"
        let shared = try Self.clusterSecret(configuration)
        // What this node has traded while it was alone, it can trade again.
        let secrets =
            (shared.map { [RefreshSecret($0)] } ?? [])
            + (try TokenKeyRing.open(directory: directory, now: Engine.now()).keys.map(RefreshSecret.init))
        let identity = Identity(
            of: engine.shards, secrets: secrets, isAlone: configuration.cluster == nil,
            policy: PasswordPolicy(lengthMin: configuration.passwordLengthMin), clock: Engine.now)
        self.identity = identity
        let keys = KeyPublisher(
            directory: directory, node: (configuration.cluster?.node ?? Self.loneNode).rawValue, shards: engine.shards,
            identity: identity, clock: Engine.now, logger: logger)
        self.keys = keys
        let readiness = NodeReadiness(engine.shards, views: shop.views, identity: identity)
        self.readiness = readiness
        var settings = GatewayConfiguration()
        settings.rateLimits.isEnabled = configuration.rateLimits
        if let shared {
            settings.rateLimits.seed = RateSeed(shared)
            settings.rateLimits.isShared = true
        }
        settings.requestsMax = configuration.requestsInFlightMax
        settings.logsRequests = logger.logLevel <= .info
        settings.cors.allowedOrigins = configuration.corsOrigins
        settings.requiresPreconditions = configuration.requiresPreconditions
        settings.connections.connectionsPerAddressMax = configuration.connectionsPerAddressMax
        settings.connections.fit(descriptors: FileDescriptors.raiseLimit())
        settings.trustedProxies = configuration.trustedProxies
        settings.isEncrypted = certificate != nil
        settings.strictTransportSecurity = configuration.strictTransportSecurity
        let storage = engine.directory
        let pipeline = RequestPipeline(
            settings, verifier: identity.verifier, readiness: readiness,
            fullDisk: { Self.fullDisk(of: storage)?.reason }, metrics: metrics, logSink: sink)
        let node = configuration.cluster?.node ?? Self.loneNode
        let journals = engine.directory.journals
        let board = ClusterBoard(
            storage.identity, journals: journals, gate: engine.gate, links: { NodeLinks(peers?.transport) },
            load: { [begin = ContinuousClock.now, times = engine.commitTimes] in
                NodeLoad(
                    uptimeMilliseconds: UInt64((ContinuousClock.now - begin) / .milliseconds(1)),
                    requests: UInt64(clamping: pipeline.answered.value), commits: times.count,
                    commitMicroseconds: times.nanoseconds / 1_000)
            }, isDiskFull: { storage.room.isFull }
        ) {
            readiness.isReady && Self.fullDisk(of: storage)?.servesReads ?? true
        }
        self.board = board
        metrics.observe(shop.payments)
        if let bus = shop.eventBus { metrics.observe(bus) }
        metrics.observe(shop.webhookHealth, clock: Engine.now)
        metrics.observe(engine.shards)
        metrics.observe(journals)
        metrics.observe(engine.commitTimes)
        metrics.observe { storage.room }
        if let transport = peers?.transport {
            metrics.observe(peersOf: transport)
            metrics.observe(transport)
        }
        routes = GatewayRoutes(pipeline)
        let payments = shop.payments
        let gossip = peers.map { peers in
            Gossip(
                peers.transport, board: board, limiter: pipeline.limiter,
                peers: { journals[0].membership.nodes.filter { $0 != node } }, book: peers.book,
                pursue: { _ = storage.pursue($0) }, logger: logger)
        }
        self.gossip = gossip
        routes.addStandardRoutes(
            jwks: identity.jwks,
            checks: [
                ReadinessCheck("log") {
                    guard let full = Self.fullDisk(of: storage) else { return .good }
                    // A node that has fallen behind says why, before it says that it hears of no leader.
                    return full.servesReads && readiness.isReady ? .degraded(full.reason) : .failing(full.reason)
                },
                readiness.check,
                ReadinessCheck("payments") {
                    payments.health.breaker == .closed ? .good : .degraded("The payment provider does not answer.")
                }
            ])
        routes.addDescription(PackageResources.openapi_yaml)
        routes.addCluster(board)
        routes.addClusterOperations(
            peers.flatMap { peers in
                gossip.map { gossip in
                    MemberOperations(
                        node: node, directory: storage, book: peers.book, board: board, gossip: gossip, keys: keys)
                }
            })
        routes.addPaymentFaults(shop.faultSwitches)
        routes.addSnapshot {
            let snapshot = try OutgoingSnapshot(of: storage)
            return { try snapshot.next() }
        }
        routes.addLog(of: shop.shop) { after in
            guard let log = try OutgoingSnapshot(of: storage, logAfter: after) else { return nil }
            return { try log.next() }
        }
        if let storefront = try Self.storefront(configuration, board) { routes.add(storefront) }
        routes.add(shop.shop, views: shop.views, identity: identity, webhooks: shop.webhooks)
    }

    /// What full disks keep from this node; nil when nothing.
    ///
    /// While others carry on, a node whose disk is full falls behind them. A node that is alone, and each of those of
    /// which a majority is full, still shows what it has.
    private static func fullDisk(of storage: DataDirectory) -> (reason: String, servesReads: Bool)? {
        let room = storage.room
        if storage.journals.contains(where: \.isMajorityFull) {
            let reason = "The disks of a majority of the nodes are full: nothing new is taken on until there is room."
            return ("\(reason) \(room.freeBytes >> 20) MiB are free here.", true)
        }
        guard room.isFull else { return nil }
        let reason =
            "The disk is full: \(room.freeBytes >> 20) MiB are free, and nothing new is taken on below "
            + "\(room.freeBytesMin >> 20) MiB."
        return (reason, storage.journals.allSatisfy { $0.membership.voters.count == 1 })
    }

    /// The number of a node that is alone.
    private static let loneNode = NodeID(1)

    /// What the nodes of the cluster share; nil on a node alone.
    private static func clusterSecret(_ configuration: NodeConfiguration) throws -> ClusterSecret? {
        try configuration.cluster.map { cluster in
            try NodeConfiguration.Unusable.unless(NodeConfiguration.clusterSecretFile) {
                try ClusterSecret(file: cluster.secretFile)
            }
        }
    }

    private static func storefront(_ configuration: NodeConfiguration, _ board: ClusterBoard) throws -> Storefront? {
        try configuration.storefront.map { folder in
            try NodeConfiguration.Unusable.unless(NodeConfiguration.storefront) {
                switch configuration.storefrontGateways {
                case .these(let origins): try Storefront(folder: folder, gateways: origins)
                case .members: try Storefront(folder: folder) { board.gateways }
                }
            }
        }
    }

    /// The gateway, which opens once it can serve, after what it needs beside it.
    ///
    /// - Parameters:
    ///   - prepare: what else the shop has to have by then.
    ///   - onListening: is told the address once connections are accepted.
    func services(
        preparing prepare: @escaping @Sendable () async throws -> Void,
        onListening: @escaping @Sendable (String) -> Void
    ) -> [any Service] {
        let server = serve(routes, on: configuration.http, of: NodeConfiguration.http, certificate) { [board] url in
            board.note(http: url)
            onListening(url)
        }
        let gossip: [any Service] = gossip.map { [$0] } ?? []
        return gossip + [
            CredentialService(identity), keys,
            GatewayOpening(
                readiness, keys: keys, server: server, isAlone: configuration.cluster == nil, preparing: prepare),
        ]
    }

    /// What tells this node's metrics in CloudWatch apart from those of others; a node alone has no cluster.
    var dimensions: [EmbeddedMetrics.Dimension] {
        let node = (name: "node", value: "\(configuration.cluster?.node ?? Self.loneNode)")
        guard let cluster = configuration.cluster else { return [node] }
        return [("cluster", String(cluster.cluster, radix: 16)), node]
    }

    /// Serves `/metrics` and what is known of the cluster, and nothing else; nil when that is not asked for.
    func metricsServer(onListening: @escaping @Sendable (String) -> Void) -> (any Service)? {
        guard let address = configuration.metrics else { return nil }
        var settings = GatewayConfiguration()
        settings.rateLimits.isEnabled = false
        settings.connections.connectionsMax = Self.metricsConnectionsMax
        // What the scraper asks for is not part of what it is told.
        let pipeline = RequestPipeline(settings, verifier: identity.verifier, metrics: Metrics(), logSink: nil)
        let routes = GatewayRoutes(pipeline)
        routes.addMetrics(metrics)
        routes.addCluster(board, .probe)
        return serve(routes, on: address, of: NodeConfiguration.metrics, nil, onListening)
    }

    /// A scraper or two, and people who look.
    private static let metricsConnectionsMax = 32

    private func serve(
        _ routes: GatewayRoutes, on address: NodeConfiguration.SocketAddress, of setting: NodeConfiguration.Setting,
        _ certificate: ServerCertificate?, _ onListening: @escaping @Sendable (String) -> Void
    ) -> any Service {
        let scheme = certificate == nil ? "http" : "https"
        let server = GatewayServer(
            routes, address: .hostname(address.host, port: address.port), certificate: certificate, logger: logger
        ) { bound in
            var address = address
            if let port = bound?.port { address.port = port }
            onListening("\(scheme)://\(address)")
        }
        return ListenerService(setting: setting, address: address, listener: server)
    }
}
