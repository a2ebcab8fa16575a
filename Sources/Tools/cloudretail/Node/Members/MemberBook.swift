import Consensus
import Foundation
import Snapshots
import Synchronization

/// Where the nodes of a cluster listen for each other, and which of them have left it: what the configuration says, and
/// what nodes have told each other since. Every change is at once what the transport goes by.
///
/// It is kept in a file, so that a node which is started again finds peers that have joined since its founding. Who
/// votes, the logs alone say.
final class MemberBook: Sendable {
    /// What is known of one node. A node that has left never comes back: its number is used once.
    enum Entry: Equatable, Sendable {
        case address(NodeConfiguration.SocketAddress)
        case removed
    }

    struct Line: Equatable, Sendable {
        let node: NodeID
        let entry: Entry
    }

    /// A node of each number that a cluster has used, in the end: far more than any has.
    static let linesMax = 1_000

    private let node: NodeID
    private let file: String
    private let tellLinks: @Sendable ([NodeID: NodeConfiguration.SocketAddress], Set<NodeID>) -> Void
    private let exclusion: ExclusionNotice
    private let entries: Mutex<[NodeID: Entry]>
    /// What every node of the cluster begins with.
    private let founders: Set<NodeID>

    /// Reads the file that an earlier start has left, if there is one.
    ///
    /// - Parameters:
    ///   - file: in the node's data directory.
    ///   - exclusion: is told when this node has left.
    ///   - tellLinks: is told at once, and of every change: where the nodes listen, and which have left.
    init(
        file: String, of membership: ClusterMembership, exclusion: ExclusionNotice,
        tellLinks: @escaping @Sendable ([NodeID: NodeConfiguration.SocketAddress], Set<NodeID>) -> Void
    ) throws {
        node = membership.node
        founders = Set(membership.founders.map(\.id))
        self.file = file
        self.tellLinks = tellLinks
        self.exclusion = exclusion
        var entries = try Self.read(file)
        // An address that the operator has changed is the new one.
        for member in membership.founders + membership.joined where entries[member.id] != .removed {
            entries[member.id] = .address(member.address)
        }
        self.entries = Mutex(entries)
        self.entries.withLock { tell($0) }
    }

    /// By number.
    var lines: [Line] {
        entries.withLock { $0.sorted { $0.key < $1.key }.map { Line(node: $0.key, entry: $0.value) } }
    }

    /// Whether it says more than the configuration of every node: then nodes tell it to each other.
    var isExtended: Bool {
        entries.withLock { entries in entries.contains { !founders.contains($0.key) || $0.value == .removed } }
    }

    subscript(node: NodeID) -> Entry? { entries.withLock { $0[node] } }

    func node(at address: NodeConfiguration.SocketAddress) -> NodeID? {
        entries.withLock { $0.first { $0.value == .address(address) }?.key }
    }

    /// Takes what another node has told, or an operator. What is known of a node stays, unless it has left since.
    func take(_ lines: [Line]) {
        entries.withLock { entries in
            let before = entries
            for line in lines {
                if line.entry == .removed || entries[line.node] == nil { entries[line.node] = line.entry }
            }
            guard entries != before, entries.count <= Self.linesMax else { return entries = before }
            write(entries)
            tell(entries)
        }
    }

    private func tell(_ entries: [NodeID: Entry]) {
        var addresses: [NodeID: NodeConfiguration.SocketAddress] = [:]
        for case (let node, .address(let address)) in entries { addresses[node] = address }
        tellLinks(addresses, Set(entries.filter { $0.value == .removed }.keys))
        if entries[node] == .removed { exclusion.give(.removed) }
    }

    // MARK: - The file

    private struct Form: Codable {
        struct Node: Codable {
            let id: UInt64
            /// Nil for a node that has left.
            var address: String?
        }
        let nodes: [Node]
    }

    struct Unreadable: Error, CustomStringConvertible {
        let file: String
        var description: String { "\(file) is not the list of members that a node has written; it may be deleted." }
    }

    private static func read(_ file: String) throws -> [NodeID: Entry] {
        guard let bytes = FileManager.default.contents(atPath: file) else { return [:] }
        guard let form = try? JSONDecoder().decode(Form.self, from: bytes) else { throw Unreadable(file: file) }
        var entries: [NodeID: Entry] = [:]
        for node in form.nodes {
            let address = try node.address.map { text in
                guard let address = NodeConfiguration.SocketAddress(text) else { throw Unreadable(file: file) }
                return address
            }
            entries[NodeID(node.id)] = address.map { .address($0) } ?? .removed
        }
        return entries
    }

    /// A file that cannot be written is written with the next change: until then the node has it in memory, and the
    /// other nodes tell it again.
    private func write(_ entries: [NodeID: Entry]) {
        let nodes = entries.sorted { $0.key < $1.key }.map { node, entry in
            var address: String?
            if case .address(let known) = entry { address = "\(known)" }
            return Form.Node(id: node.rawValue, address: address)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let output = try OutputFile(path: file, replacing: true)
            try output.append(Array(encoder.encode(Form(nodes: nodes))))
            try output.finish()
        } catch {}
    }
}
