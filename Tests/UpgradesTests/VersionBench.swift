import ActorSystem
import Commerce
import EventSourcing
import JournalTesting
import Schema
import StepTesting
import Upgrades

/// One shard of a node, with the gate of a cluster that has not been upgraded.
struct VersionBench {
    let journal = MemoryJournal()
    let gate = VersionGate(.first, newest: .newest)
    let shards: ShardMap

    init() {
        shards = ShardMap([
            Shard(
                id: .catalogue, journal: journal, states: journal,
                kinds: [.kind(ClusterUpgrade.self), .kind(Cart.self), .kind(IdempotencyKey.self)], gate: gate,
                failStop: { fatalError("\($0)") })
        ])
    }

    var follower: ClusterVersionFollower { ClusterVersionFollower(of: shards, gate: gate, readable: .newest) }

    /// What the log says, on this node.
    var recorded: ClusterVersion {
        get async throws {
            try await shards.read(ClusterUpgrade.self, ClusterUpgradeID()).state.version
        }
    }
}
