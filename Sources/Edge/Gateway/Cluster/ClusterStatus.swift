import EventSourcing

/// The nodes of a cluster and their shards, as one of them knows them.
public struct ClusterStatus: Sendable, Equatable {
    /// What one node has said, and whether that is so recent that it is believed.
    public struct Voice: Sendable, Equatable {
        public let facts: NodeFacts
        /// Nil until the node has said so.
        public let load: NodeLoad?
        /// Nil until the node has said so.
        public let isDiskFull: Bool?
        public let isHeard: Bool

        public init(_ facts: NodeFacts, load: NodeLoad? = nil, isDiskFull: Bool? = nil, isHeard: Bool) {
            self.facts = facts
            self.load = load
            self.isDiskFull = isDiskFull
            self.isHeard = isHeard
        }
    }

    /// The cluster's id; a node alone has one too.
    public let cluster: UInt64
    /// The node that says it.
    public let node: UInt64
    /// In the order of the nodes.
    public let voices: [Voice]
    /// What the cluster may write, as far as the node knows that says it.
    public let version: ClusterVersion
    /// Of the node that says it.
    public let links: NodeLinks

    public init(
        of cluster: UInt64, by node: UInt64, _ voices: [Voice], version: ClusterVersion = .first,
        links: NodeLinks = NodeLinks()
    ) {
        self.cluster = cluster
        self.node = node
        self.version = version
        self.voices = voices.sorted { $0.facts.node < $1.facts.node }
        self.links = links
    }

    /// What is known of one shard.
    struct Shard {
        let id: UInt16
        /// The one that says it leads in the newest term that is known; nil when none does. One that led before may
        /// not have been heard of since.
        let leader: UInt64?
        let term: UInt64
        let replicas: [(node: UInt64, replica: NodeFacts.Replica, isHeard: Bool)]
    }

    var shards: [Shard] {
        var replicas: [UInt16: [(node: UInt64, replica: NodeFacts.Replica, isHeard: Bool)]] = [:]
        for voice in voices {
            for replica in voice.facts.replicas {
                replicas[replica.shard, default: []].append((voice.facts.node, replica, voice.isHeard))
            }
        }
        return replicas.sorted { $0.key < $1.key }.map { id, replicas in
            let term = replicas.map(\.replica.term).max() ?? 0
            let leader = replicas.first { $0.isHeard && $0.replica.role == .leader && $0.replica.term == term }
            return Shard(id: id, leader: leader?.node, term: term, replicas: replicas)
        }
    }
}

extension NodeFacts.Role {
    var name: String {
        switch self {
        case .follower: "follower"
        case .candidate: "candidate"
        case .leader: "leader"
        case .learner: "learner"
        }
    }
}

extension JSONWriter {
    mutating func value(_ status: ClusterStatus) {
        object { json in
            json.array("nodes") { json in
                for voice in status.voices {
                    json.object { json in
                        json.field("id", Int64(clamping: voice.facts.node))
                        json.field("http", voice.facts.http)
                        json.field("ready", voice.isHeard && voice.facts.isReady)
                        json.field("version", voice.facts.version)
                        json.key("load")
                        if voice.isHeard, let load = voice.load { json.value(load) } else { json.null() }
                        json.key("disk_full")
                        if voice.isHeard, let isFull = voice.isDiskFull { json.value(isFull) } else { json.null() }
                    }
                }
            }
            json.field("cluster_id", String(status.cluster, radix: 16))
            json.field("node_id", Int64(clamping: status.node))
            json.field("cluster_version", Int64(status.version.rawValue))
            json.array("shards") { json in for shard in status.shards { json.value(shard) } }
            json.fields(status.links)
        }
    }

    /// A node that is not heard of has a role that is not known.
    private mutating func value(_ shard: ClusterStatus.Shard) {
        object { json in
            json.field("id", Int64(shard.id))
            json.field("leader", shard.leader.map { Int64(clamping: $0) })
            json.field("term", Int64(clamping: shard.term))
            json.array("nodes") { json in
                for (node, replica, isHeard) in shard.replicas {
                    json.object { json in
                        json.field("id", Int64(clamping: node))
                        json.field("role", isHeard ? replica.role.name : "unknown")
                        json.field("committed", Int64(clamping: replica.committed))
                        json.field("applied", Int64(clamping: replica.applied))
                    }
                }
            }
        }
    }
}
