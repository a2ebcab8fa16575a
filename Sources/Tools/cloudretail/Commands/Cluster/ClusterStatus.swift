import Foundation

/// What the nodes of a cluster say about themselves and each other.
struct ClusterStatus: Codable, Sendable {
    struct Node: Codable, Sendable {
        let id: UInt64
        let http: String
        var ready: Bool
        /// Why it is not ready, as it says itself.
        var reason: String?
        /// Empty when no node has heard it yet.
        var version: String
        /// Nil from programs that do not say, and of a node that is not heard of.
        var diskFull: Bool?
        /// `running`, `paused` or `gone`; nil for a node of another machine.
        var process: String?

        private enum CodingKeys: String, CodingKey {
            case id, http, ready, reason, version, process
            case diskFull = "disk_full"
        }
    }

    struct Shard: Codable, Sendable {
        struct Replica: Codable, Sendable {
            let id: UInt64
            var role: String
            let committed: UInt64
            let applied: UInt64
        }

        let id: UInt64
        /// Nil while there is none.
        let leader: UInt64?
        let term: UInt64
        let nodes: [Replica]

        /// The role of a node that is not heard of.
        static let unknown = "unknown"
        /// Whether the leader is one that the others have last heard of, and that does not answer.
        var isLeaderSilent: Bool { nodes.contains { $0.id == leader && $0.role == Self.unknown } }

        private enum CodingKeys: String, CodingKey { case id, leader, term, nodes }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            // Null, where a synthesised form would leave it out.
            try container.encode(leader, forKey: .leader)
            try container.encode(term, forKey: .term)
            try container.encode(nodes, forKey: .nodes)
        }
    }

    var nodes: [Node]
    /// Nil from programs that do not say.
    var clusterID: String?
    /// The node that says it; nil from programs that do not say, and where several have said it.
    var nodeID: UInt64?
    /// What every member reads and may be written; nil from programs that do not say.
    var clusterVersion: Int?
    var shards: [Shard]

    private enum CodingKeys: String, CodingKey {
        case nodes, shards
        case clusterID = "cluster_id"
        case nodeID = "node_id"
        case clusterVersion = "cluster_version"
    }

    /// Puts together what several nodes say of one cluster. Of a shard counts the node that knows the latest term, and
    /// who leads in it; how far a replica is, its own node knows best. The part of a node that says nothing itself is
    /// not known: what the others have last heard of it may be over.
    static func merged(_ voices: [(node: UInt64, status: ClusterStatus)]) -> ClusterStatus? {
        guard let first = voices.first else { return nil }
        var merged = first.status
        merged.nodeID = nil
        merged.clusterVersion = voices.compactMap(\.status.clusterVersion).max()
        func rank(_ shard: Shard) -> (UInt64, Int) { (shard.term, shard.leader == nil ? 0 : 1) }
        merged.shards = first.status.shards.map { shard in
            let views = voices.compactMap { voice in
                voice.status.shards.first { $0.id == shard.id }.map { (node: voice.node, shard: $0) }
            }
            let latest = views.map(\.shard).max { rank($0) < rank($1) } ?? shard
            var replicas = Dictionary(uniqueKeysWithValues: latest.nodes.map { ($0.id, $0) })
            for (node, shard) in views {
                for replica in shard.nodes where replica.id == node { replicas[node] = replica }
            }
            for id in replicas.keys where !voices.contains(where: { $0.node == id }) {
                replicas[id]?.role = Shard.unknown
            }
            // A node that leads no longer may not have told before it went.
            for id in replicas.keys where id != latest.leader && replicas[id]?.role == "leader" {
                replicas[id]?.role = "follower"
            }
            return Shard(
                id: shard.id, leader: latest.leader, term: latest.term,
                nodes: replicas.values.sorted { $0.id < $1.id })
        }
        return merged
    }
}
