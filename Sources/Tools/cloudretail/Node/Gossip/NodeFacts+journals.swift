import ActorSystem
import Cluster
import Consensus
import Gateway
import Storage

extension ClusterBoard {
    /// What is known of the cluster on a node with these journals.
    ///
    /// - Parameters:
    ///   - identity: of the node's directory.
    ///   - gate: as far as the cluster has been upgraded.
    ///   - links: of this node.
    ///   - load: of this node.
    ///   - isDiskFull: of this node.
    ///   - isReady: whether the node serves.
    convenience init(
        _ identity: DirectoryIdentity, journals: [ReplicatedJournal], gate: VersionGate,
        links: @escaping @Sendable () -> NodeLinks, load: @escaping @Sendable () -> NodeLoad,
        isDiskFull: @escaping @Sendable () -> Bool, isReady: @escaping @Sendable () -> Bool
    ) {
        let node = identity.node
        self.init(
            of: identity.cluster,
            own: { http in
                NodeFacts(
                    node: node.rawValue, http: http, isReady: isReady(), version: CloudRetail.version,
                    replicas: journals.map { NodeFacts.Replica($0.shard.rawValue, $0.status) })
            },
            members: {
                // The first shard has them all: every change is made to each of the shards.
                let membership = journals.first?.membership
                return Set(membership.map { Set($0.nodes.map(\.rawValue)) } ?? []).union([node.rawValue])
            }, version: { gate.version }, links: links, load: load, isDiskFull: isDiskFull)
    }

    /// The members that are heard, by whether their disks are full; one that has not said so counts as one with room.
    var room: MemberRoom {
        var room = MemberRoom()
        for voice in status.voices where voice.isHeard {
            let node = NodeID(voice.facts.node)
            if voice.isDiskFull ?? false { room.full.insert(node) } else { room.free.insert(node) }
        }
        return room
    }
}

extension NodeFacts.Replica {
    init(_ shard: UInt16, _ status: Status) {
        let isLearner = status.membership.learners.contains(status.id)
        let role: NodeFacts.Role =
            switch status.role {
            case .leader: .leader
            case .candidate, .preCandidate: .candidate
            case .follower: isLearner ? .learner : .follower
            }
        self.init(
            shard: shard, role: role, term: status.hardState.term.rawValue,
            committed: status.hardState.commit.rawValue, applied: status.applied.rawValue)
    }
}
