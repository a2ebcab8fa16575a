import Foundation

// Nodes that come and go.
extension ClusterProcesses {
    /// - Throws: for a node that was started alone.
    func requireCluster() throws {
        guard record.isCluster else {
            throw Failure(
                description: "\(folder.path) holds a node alone: a cluster begins with several (cluster up --nodes 3).")
        }
    }

    /// Gives a new node the next number and free ports. It is part of the record from now on.
    mutating func enlist() throws -> ClusterRecord.Node {
        var taken = Set((record.nodes + (record.former ?? [])).flatMap { [$0.http, $0.metrics, $0.peers] })
        let node = ClusterRecord.Node(
            id: record.nextNumber, http: try FreePorts.next(besides: &taken),
            metrics: try FreePorts.next(besides: &taken), peers: try FreePorts.next(besides: &taken), isJoining: true)
        try change { $0.nodes.append(node) }
        return node
    }

    /// Ends a node that was not taken in. Its number is given to the next.
    mutating func withdraw(_ id: UInt64) async throws {
        if let process = record[node: id]?.process { await Self.endOrKill(process) }
        try? FileManager.default.removeItem(atPath: folder.node(id))
        try change { record in record.nodes.removeAll { $0.id == id } }
    }

    /// What a node may take to stop that has been told of its removal.
    private static let selfEndLimit = Duration.seconds(5)

    /// Sees that a node ends which is no member any more. It is remembered: the founders are what every log begins
    /// with, and no number is used twice.
    mutating func dismiss(_ id: UInt64) async throws {
        if let process = try node(id).process {
            _ = try await process.reaches(.gone, within: Self.selfEndLimit)
            await Self.endOrKill(process)
        }
        try change { record in
            record.former = (record.former ?? []) + record.nodes.filter { $0.id == id }
            record.nodes.removeAll { $0.id == id }
        }
    }
}
