import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A payment provider to test against: a real HTTP server with a ledger and fault switches.
final class PaymentSimulator: Service {
    let keeper: LedgerKeeper
    let switches = FaultSwitches()
    private let keyFile: String?
    private let address: (host: String, port: Int)
    private let control: (host: String, port: Int)?
    /// The port once bound, so that the address survives a refusal.
    private let port: Atomic<Int>
    private let onListening: @Sendable (Listener, Int) -> Void

    /// A connection that sends nothing is kept as long as a request may hang.
    private static let idleMax = TimeAmount.seconds(60)

    /// Which of the two sockets.
    enum Listener: Sendable { case api, control }

    /// - Parameters:
    ///   - address: where to listen; port 0 takes any free one and keeps it.
    ///   - control: a second address with only the ledger and the switches, which stays open while the first refuses
    ///     connections.
    ///   - ledger: the file to keep the ledger in; nil for memory only.
    ///   - keyFile: what callers of the API have to prove themselves with; nil lets every caller in.
    ///   - onListening: called with the port, each time a socket has been bound.
    init(
        address: (host: String, port: Int), control: (host: String, port: Int)? = nil, ledger: String? = nil,
        keyFile: String? = nil,
        onListening: @escaping @Sendable (Listener, Int) -> Void
    ) throws {
        if let keyFile { _ = try ShopKeys(file: keyFile) }
        keeper = try LedgerKeeper(path: ledger)
        self.address = address
        port = Atomic(address.port)
        self.control = control
        self.keyFile = keyFile
        self.onListening = onListening
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.serveBetweenRefusals() }
            if let control {
                let routes = SimulatorRoutes(keeper: keeper, switches: switches, keyFile: keyFile)
                group.addTask {
                    try await self.application(routes.controlRouter(), at: control) { self.onListening(.control, $0) }
                        .run()
                }
            }
            try await group.waitForAll()
        }
    }

    /// Serves the API. Closes the listening socket and every connection while connections are to be refused.
    private func serveBetweenRefusals() async throws {
        let routes = SimulatorRoutes(keeper: keeper, switches: switches, keyFile: keyFile)
        while !Task.isShuttingDownGracefully {
            let application = application(routes.router(), at: (address.host, port.load(ordering: .relaxed))) {
                self.port.store($0, ordering: .relaxed)
                self.onListening(.api, $0)
            }
            let server = ServiceGroup(services: [application], logger: application.logger)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await server.run()
                    return true
                }
                group.addTask {
                    await self.switches.waitUntilRefusing()
                    if !Task.isCancelled { await server.triggerGracefulShutdown() }
                    return false
                }
                // Once the server has ended there is no more need to watch the switches.
                for try await isServer in group where isServer { group.cancelAll() }
            }
            await cancelWhenGracefulShutdown { await self.switches.waitUntilWelcoming() }
        }
    }

    private func application(
        _ router: Router<SimulatorContext>, at address: (host: String, port: Int),
        onBound: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        var logger = Logger(label: "payment-simulator")
        // The library calls a closed connection an error; here it is what was asked for.
        logger.logLevel = .critical
        return Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: Self.idleMax)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(Limits.connectionsMax, logger: logger)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { onBound(port) }
            },
            logger: logger)
    }
}
