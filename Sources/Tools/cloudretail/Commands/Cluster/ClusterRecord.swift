import Foundation

/// What `cluster.json` remembers of a cluster on this machine: where its nodes are and which processes they are.
struct ClusterRecord: Codable, Sendable {
    struct Node: Codable, Sendable {
        let id: UInt64
        /// Ports of 127.0.0.1.
        var http: Int
        var metrics: Int
        var peers: Int
        /// Whether the node came after the founding.
        var isJoining = false
        /// The latest that was started.
        var process: ProcessIdentity?

        var url: String { "http://127.0.0.1:\(http)" }
    }

    struct Simulator: Codable, Sendable {
        var port: Int
        var process: ProcessIdentity?

        var url: String { "http://127.0.0.1:\(port)" }
    }

    /// The cluster's id, as the setting `cluster-id` has it.
    let cluster: String
    let shards: Int
    var rateLimits: String
    var administrator: String
    /// Whether its accounts, with their passwords, are those of a snapshot; nil where it was founded anew.
    var isRestored: Bool?
    /// The folder with the files for browsers; nil serves none.
    var storefront: String?
    var nodes: [Node]
    /// Nodes that have left, in the order in which they did; nil before the first has.
    var former: [Node]?
    /// Nil when payments are decided inside the nodes.
    var simulator: Simulator?

    /// One node alone has no others to know it.
    var isCluster: Bool { founders.count > 1 }

    /// Those that the cluster began with, whether they have left or not.
    var founders: [Node] { (nodes + (former ?? [])).filter { !$0.isJoining }.sorted { $0.id < $1.id } }

    /// A number that no node has had.
    var nextNumber: UInt64 { (nodes + (former ?? [])).reduce(0) { max($0, $1.id) } + 1 }

    subscript(node id: UInt64) -> Node? { nodes.first { $0.id == id } }

    mutating func update(_ id: UInt64, _ change: (inout Node) -> Void) {
        guard let place = nodes.firstIndex(where: { $0.id == id }) else { return }
        change(&nodes[place])
    }
}
