import ActorSystem
import Checkout
import EventSourcing
import Logging
import RemoteCalls
import ServiceLifecycle
import Storage
import Transport

/// Carries what a member of a cluster says to its peers, and what they say to it, as long as the node runs.
struct PeerService: Service {
    private let transport: Transport
    private let listen: NodeConfiguration.SocketAddress
    private let calls: RemoteCalls
    private let directory: DataDirectory

    /// - Returns: nil on a node that is alone.
    init?(transport: Transport?, of membership: ClusterMembership?, engine: Engine, shop: ShopServices) {
        guard let transport, let membership, let calls = engine.calls else { return nil }
        self.transport = transport
        listen = membership.listen
        self.calls = calls
        directory = engine.directory
        calls.serve(shop.steps, shards: engine.shards, clock: Engine.now)
        let duties = shop.duties
        directory.observe { item in duties.partChanged(of: item.shard) }
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await ListenerService.naming(NodeConfiguration.clusterListen, listen) {
                        try await transport.run()
                    }
                }
                group.addTask { await calls.run() }
                group.addTask { await directory.sendSnapshots() }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}

/// Lets the logs of the shards that other nodes lead get shorter here too.
struct LogReleaseService: Service {
    let shards: ShardMap
    let floors: RetentionFloors

    /// A busy shard's log grows by some megabytes meanwhile.
    private static let pause = Duration.seconds(1)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                for shard in shards.shards { try await floors.release(shard, in: shards) }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }
}

/// Hands the shards that this node leads to its peers before anything else stops, so that no client waits for an
/// election.
struct LeadershipService: Service {
    let directory: DataDirectory

    func run() async throws {
        try? await gracefulShutdown()
        await directory.handOver()
    }
}
