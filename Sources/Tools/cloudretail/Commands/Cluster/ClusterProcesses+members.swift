import Foundation
import NodeCertificates

// Nodes that come and go.
extension ClusterProcesses {
    /// - Throws: for a node that was started alone.
    func requireCluster() throws {
        guard record.isCluster else {
            throw Failure(
                description: "\(folder.path) holds a node alone: a cluster begins with several (cluster up --nodes 3).")
        }
    }

    /// - Throws: `Failure` while so many others are down or paused that this node, which runs, cannot become ready:
    ///   which they are, and how they are brought back.
    func requireMajority(for id: UInt64) throws {
        let others = record.nodes.filter { $0.id != id }
        let down = others.filter { ($0.process?.state ?? .gone) == .gone }.map(\.id)
        let paused = others.filter { $0.process?.state == .paused }.map(\.id)
        guard (down.count + paused.count) * 2 >= record.nodes.count else { return }
        let states = paused.map { "node \($0) is paused" } + down.map { "node \($0) is down" }
        let remedies = paused.map { "cluster resume \($0)" } + (down.isEmpty ? [] : ["cluster up --detach"])
        throw Failure(
            description: "Node \(id) is started, and is not ready before a majority of the \(record.nodes.count) nodes "
                + "runs: \(states.joined(separator: ", ")). What brings them back: "
                + remedies.map { "cloudretail \($0) --base-dir \(folder.path)" }.joined(separator: "; "))
    }

    /// Which nodes are not ready while a majority is, why, and what brings them back: one line.
    ///
    /// - Parameter failures: at least one, by node.
    func incompleteness(_ failures: [UInt64: any Error]) -> Failure {
        let ids = failures.keys.sorted()
        let reasons = ids.map { id in
            let lines = "\(failures[id]!)".split(separator: "\n")
            // What a failure tells of the node's log ends with the reason.
            let reason = lines.dropFirst().last.map { " \($0.trimmingPrefix("Error: "))" } ?? ""
            return "\(lines[0])\(reason)" + (reason.hasSuffix(".") ? "" : ".")
        }
        let remedies = ids.map { id in
            "\"cloudretail cluster restart \(id) --base-dir \(folder.path)\" starts node \(id) once that is mended, "
                + "\"cluster replace-node \(id)\" puts an empty one in its place."
        }
        return Failure(
            description: (reasons + ["The others are ready and go on."] + remedies).joined(separator: " "))
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

    /// Ends a node that was not taken in, and takes away what was made for it. Nodes that it has met know its number by
    /// its disk, so that no other disk gets that number.
    mutating func withdraw(_ id: UInt64) async throws {
        if let process = record[node: id]?.process { await Self.endOrKill(process) }
        let made = [
            folder.node(id), NodeCertificates.certificateFile(ofNode: id, in: folder.certificates),
            NodeCertificates.keyFile(ofNode: id, in: folder.certificates),
        ]
        for file in made { try? FileManager.default.removeItem(atPath: file) }
        try retire(id)
    }

    private mutating func retire(_ id: UInt64) throws {
        try change { record in
            record.former = (record.former ?? []) + record.nodes.filter { $0.id == id }
            record.nodes.removeAll { $0.id == id }
        }
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
        try retire(id)
    }
}
