import ServiceLifecycle

/// Opens the gateway once the views show everything that the cluster has committed, and a key of this node is
/// published: no order is priced by a catalogue of before the start, and no token of an ended session is taken.
///
/// A node alone accepts no connection before. A node of several does, to say why it is not ready yet.
public struct GatewayOpening: Service {
    let readiness: NodeReadiness
    let keys: KeyPublisher
    let server: any Service
    let isAlone: Bool
    let prepare: @Sendable () async throws -> Void

    /// - Parameter prepare: what else the shop has to have before it opens.
    public init(
        _ readiness: NodeReadiness, keys: KeyPublisher, server: any Service, isAlone: Bool,
        preparing prepare: @escaping @Sendable () async throws -> Void
    ) {
        self.readiness = readiness
        self.keys = keys
        self.server = server
        self.isAlone = isAlone
        self.prepare = prepare
    }

    public func run() async throws {
        if isAlone {
            do { try await cancelWhenGracefulShutdown { try await open() } } catch is CancellationError { return }
            return try await server.run()
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { try await open() } catch is CancellationError {}
                return false
            }
            group.addTask {
                try await server.run()
                return true
            }
            for try await hasServed in group where hasServed { group.cancelAll() }
        }
    }

    private func open() async throws {
        try await readiness.showPresent()
        try await keys.publish()
        readiness.notePublished()
        try await prepare()
        readiness.open()
    }
}
