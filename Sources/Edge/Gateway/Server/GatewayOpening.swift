import Checkout
import ServiceLifecycle

/// Opens the gateway once the views show everything that the logs have, and a key of this node is published: no order
/// is priced by a catalogue of before the restart, and no token of an ended session is taken.
public struct GatewayOpening: Service {
    let prices: PriceFollower
    let identity: Identity
    let keys: KeyPublisher
    let server: GatewayServer
    let prepare: @Sendable () async throws -> Void

    /// - Parameter prepare: what else the shop has to have before it opens.
    public init(
        prices: PriceFollower, identity: Identity, keys: KeyPublisher, server: GatewayServer,
        preparing prepare: @escaping @Sendable () async throws -> Void
    ) {
        self.prices = prices
        self.identity = identity
        self.keys = keys
        self.server = server
        self.prepare = prepare
    }

    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                await prices.catchUp()
                await identity.credentials.catchUp()
                try await keys.publish()
                try await prepare()
            }
        } catch is CancellationError {
            return
        }
        try await server.run()
    }
}
