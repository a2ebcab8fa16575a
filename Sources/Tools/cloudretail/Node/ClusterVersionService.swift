import ActorSystem
import Consensus
import EventSourcing
import Schema
import ServiceLifecycle
import Storage
import Transport
import Upgrades

/// Keeps a node up to the version of its cluster, and knows which versions the members read.
struct ClusterVersionService: Service {
    /// A start waits no longer for the cluster to be upgraded; it goes on serving what the version allows.
    private static let settlingMax = Duration.seconds(2)
    private static let pause = Duration.milliseconds(10)

    private let follower: ClusterVersionFollower
    private let gate: VersionGate
    private let directory: DataDirectory
    private let transport: Transport?

    /// - Parameter transport: before it runs; nil on a node that is alone.
    init(_ engine: Engine, transport: Transport?) {
        follower = ClusterVersionFollower(of: engine.shards, gate: engine.gate, readable: .readable)
        gate = engine.gate
        directory = engine.directory
        self.transport = transport
        transport?.versions.require { [gate] in gate.version.rawValue }
    }

    /// - Throws: `ProgramOutdated`, and the node ends.
    func run() async throws { try await cancelWhenGracefulShutdown { try await follower.follow() } }

    /// Of each member the newest version that it reads; nil for one that has not said so since this node started.
    @Sendable func members() -> [ClusterVersion?] {
        guard let transport else { return [.readable] }
        let own = directory.identity.node
        return directory.journals.reduce(into: Set([own])) { $0.formUnion($1.membership.nodes) }.map { node in
            node == own ? .readable : transport.versions[node].map(ClusterVersion.init(rawValue:))
        }
    }

    /// Returns once the cluster is upgraded as far as its members read, so that a shop that opens refuses nothing for
    /// a moment that it takes afterwards; or after some time.
    func settle() async {
        let begun = ContinuousClock.now
        while ContinuousClock.now - begun < Self.settlingMax, !Task.isCancelled {
            if let version = ClusterVersionDuty.common(members()), version <= gate.version { return }
            try? await Task.sleep(for: Self.pause)
        }
    }
}
