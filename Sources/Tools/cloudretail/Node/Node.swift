import ActorSystem
import Checkout
import EventSourcing
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import Storage
import Transport

/// A running node: the engine, the shop on it, and the gateway in front.
struct Node {
    let configuration: NodeConfiguration
    let engine: Engine
    let logger: Logger
    private let services: [ServiceGroupConfiguration.ServiceConfiguration]

    /// Opens the data directory, rebuilds the shards and puts the services together. Nothing is served yet.
    ///
    /// - Parameters:
    ///   - sink: of the log.
    ///   - metricsSink: of metrics for CloudWatch, where the configuration asks for them.
    ///   - onListening: is told the address once connections are accepted.
    init(
        _ configuration: NodeConfiguration, logger: Logger, sink: LineSink, metricsSink: LineSink,
        onListening: @escaping @Sendable (GatewayAssembly.Listener, String) -> Void
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        // Before the first file is written there.
        try DataDirectory.requireRoom(at: configuration.dataDirectory)
        let secrets = try await FetchedSecrets.open(configuration, logger: logger)
        let certificate = try configuration.tls.map {
            try CertificateRenewal.open(certificate: $0.certificate, key: $0.key, logger: logger)
        }
        let transport = try configuration.cluster.map { membership in
            try Transport(membership.transport(steps: ShopServices.stepNumbers), logger: logger)
        }
        let started = ContinuousClock.now
        let engine = try await Engine(
            path: configuration.dataDirectory, shards: configuration.shards, creating: true,
            options: DataDirectory.Options(retention: configuration.retention),
            membership: configuration.cluster, transport: transport, logger: logger)
        self.engine = engine
        // Not before: what holds connections has to be shut down, also when the directory cannot be opened.
        let payment = try ConfiguredPayment(configuration.payment, logger: logger)
        logger.info(
            "The shards are rebuilt",
            metadata: [
                "shards": "\(engine.shards.shards.count)", "records_replayed": "\(engine.replayed)",
                "duration_ms": "\((ContinuousClock.now - started) / .milliseconds(1))",
            ])
        let versions = ClusterVersionService(engine, transport: transport)
        let shop = try await ShopServices(
            configuration, payment: payment, engine: engine, versions: versions, logger: logger)
        let service = PeerService(transport: transport, of: configuration.cluster, engine: engine, shop: shop)
        var peers: NodePeers?
        if let transport, let membership = configuration.cluster {
            peers = try NodePeers(
                transport, of: membership, directory: engine.directory, logger: logger)
        }
        let assembly = try await GatewayAssembly(
            configuration, shop: shop, certificate: certificate?.certificate, engine: engine, peers: peers,
            logger: logger, sink: sink)
        assembly.metrics.observe(payment)
        if let certificate { assembly.metrics.observe(certificate.certificate) }
        let metrics: [any Service] = assembly.metricsServer { onListening(.metrics, $0) }.map { [$0] } ?? []
        let administrator = FirstAdministrator(configuration, shards: engine.shards, logger: logger)
        // Shut down from the end: leadership goes first, then the gateway takes no more requests, the writer ends last.
        var all: [any Service] = [
            WriterService(directory: engine.directory), MemoryService(directory: engine.directory),
            DiskRoomService(
                directory: engine.directory, board: peers == nil ? nil : assembly.board, logger: logger),
            await ArchiveHoldService(shards: engine.shards, directory: engine.directory, logger: logger),
        ]
        if let service { all.append(service) }
        all += engine.shards.shards.map(ShardService.init)
        all += metrics
        if let settings = configuration.cloudWatch {
            all.append(CloudWatchService(settings, of: assembly, sink: metricsSink))
        }
        if let certificate { all.append(certificate) }
        if let secrets { all.append(secrets) }
        all.append(versions)
        all += shop.services
        all += assembly.services(
            preparing: {
                await versions.settle()
                try await administrator?.ensure()
            }, onListening: { onListening(.gateway, $0) })
        if let peers {
            all += [
                peers.exclusion, FoundingService(directory: engine.directory, logger: logger),
                LeadershipService(directory: engine.directory),
            ]
        }
        all.append(StopLimitService(logger: logger))
        services = all.map {
            .init(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup)
        }
    }

    /// Serves until SIGTERM or SIGINT, finishes what has begun, and writes everything down.
    func run() async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            // What depends on the log may have noticed first that it ended.
            throw engine.directory.writerFailure ?? error
        }
        await engine.close()
        logger.info("The node has stopped")
    }
}

/// Watches the log's writer: when a write fails, the node stops.
private struct WriterService: Service {
    let directory: DataDirectory

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await directory.writerEnded() }
            group.addTask { try? await gracefulShutdown() }
            try await group.next()
            // The other waits for an end that comes with the process.
            directory.finishWriting()
            group.cancelAll()
        }
    }
}

/// Keeps the part of the database that is mapped into the process within bounds.
private struct MemoryService: Service {
    /// What a busy shop touches within seconds fits in it.
    private static let mappedBytesMax = 384 << 20
    private static let pause = Duration.seconds(1)

    let directory: DataDirectory

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                directory.releaseMappedPages(past: Self.mappedBytesMax)
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}

/// Runs a shard until the services around it have ended, then writes its states down.
private struct ShardService: Service {
    let shard: Shard

    init(_ shard: Shard) { self.shard = shard }

    func run() async throws {
        await cancelWhenGracefulShutdown { await shard.run() }
        await shard.saveAll()
    }
}
