import Cluster
import Consensus
import EventSourcing
import Testing

@testable import Storage

/// The data directories of several nodes in one process.
final class MemberCluster {
    static let name: UInt64 = 0x0123_4567_89ab_cdef

    let network = MemoryNetwork()
    let shards: Int
    let founders: [NodeID]
    var options = DataDirectory.Options(freeBytesMin: 0)
    /// What nodes are told of their volumes, where it is not the system's word.
    var rooms: [NodeID: @Sendable () -> DiskRoom] = [:]
    private(set) var nodes: [NodeID: Node] = [:]
    private var directories: [NodeID: TemporaryDirectory] = [:]

    struct Node {
        let data: DataDirectory
        let links: MemoryLinks
        subscript(shard: Int) -> ReplicatedJournal { data.journals[shard] }
    }

    init(_ count: UInt64, shards: Int = 1) {
        self.shards = shards
        founders = (1...count).map { NodeID($0) }
    }

    deinit { for id in nodes.keys { stop(id) } }

    /// Starts every node that the cluster is founded with.
    func start() throws { for id in founders { try start(id) } }

    @discardableResult
    func start(_ id: NodeID) throws -> Node {
        let directory = directories[id] ?? TemporaryDirectory()
        directories[id] = directory
        let links = network.links(of: id)
        var options = options
        options.room = rooms[id]
        let founding: Founding =
            founders.contains(id)
            ? .member(id, cluster: Self.name, of: founders)
            : .joining(id, cluster: Self.name, foundedBy: founders)
        let data = try DataDirectory(
            path: directory.path, shards: shards, creating: true, options: options, founding: founding, links: links)
        let node = Node(data: data, links: links)
        nodes[id] = node
        Task { await data.sendSnapshots() }
        network.connect(links)
        return node
    }

    /// Ends a node, whose peers notice at once.
    func stop(_ id: NodeID) {
        network.disconnect(id)
        nodes.removeValue(forKey: id)?.data.close()
    }

    func directory(of id: NodeID) -> TemporaryDirectory? { directories[id] }

    /// The node that leads `shard`, once there is one.
    func leader(of shard: Int = 0) async throws -> Node {
        try await eventually("a leader of shard \(shard)") { [self] in
            nodes.values.filter { $0[shard].standing.leadership != nil }
                .max { $0[shard].term < $1[shard].term }
        }
    }

    /// Waits until every node has what is committed at `index`.
    func everyNode(has index: LogIndex, on shard: Int = 0) async throws {
        for node in nodes.values {
            _ = try await eventually("entry \(index) on node \(node.links.node)") {
                node[shard].committed >= index ? node : nil
            }
        }
    }

    /// Proposes to the leader until it is committed, however often the leadership moves.
    @discardableResult
    func append(_ bytes: [UInt8], to shard: Int = 0) async throws -> LogIndex {
        while true {
            let journal = try await leader(of: shard)[shard]
            do {
                return try await journal.append(bytes)
            } catch is JournalRefusal {
                continue
            } catch is CommitmentUnknown {
                continue
            }
        }
    }
}

/// Looks until `find` finds something.
func eventually<Found>(
    _ what: String, within limit: Duration = .seconds(60), _ find: () throws -> Found?
) async throws -> Found {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if let found = try find() { return found }
        try #require(clock.now < deadline, "\(what) did not come about")
        try await clock.sleep(for: .milliseconds(2))
    }
}
