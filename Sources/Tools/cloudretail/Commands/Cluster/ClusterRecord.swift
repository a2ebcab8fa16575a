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
    /// The folder with the files for browsers; nil serves none.
    var storefront: String?
    var nodes: [Node]
    /// Nil when payments are decided inside the nodes.
    var simulator: Simulator?

    /// One node alone has no others to know it.
    var isCluster: Bool { nodes.count > 1 }

    subscript(node id: UInt64) -> Node? { nodes.first { $0.id == id } }

    mutating func update(_ id: UInt64, _ change: (inout Node) -> Void) {
        guard let place = nodes.firstIndex(where: { $0.id == id }) else { return }
        change(&nodes[place])
    }
}
