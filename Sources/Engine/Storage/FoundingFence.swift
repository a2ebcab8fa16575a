import Consensus
import Synchronization

/// Keeps a founder whose directory is empty out of every election until it has met all the other founders: a new
/// cluster is founded by all of its nodes together.
///
/// An empty directory is that of a new node, or of one that has lost its disk, and which of the two its node cannot
/// tell. Founders that have met know each other's disks (``DiskNumbers``), so that one who remembers another disk turns
/// the node away. Were fewer than all enough, nodes that have lost their disks together could be a majority by
/// themselves, and elect a leader that has nothing of what they promised.
final class FoundingFence: Sendable {
    private let missing: Mutex<Set<NodeID>>
    private let isPassedNow: Atomic<Bool>

    /// - Parameters:
    ///   - founders: those of the cluster; a node that is not among them has no vote before the log gives it one.
    ///   - isNew: whether the node has neither voted nor got an entry yet.
    init(of node: NodeID, founders: NodeSet, isNew: Bool) {
        let others = isNew && founders.contains(node) ? Set(founders).subtracting([node]) : []
        missing = Mutex(others)
        isPassedNow = Atomic(others.isEmpty)
    }

    /// Whether the node takes part in elections.
    var isPassed: Bool { isPassedNow.load(ordering: .acquiring) }

    /// The founders that it has yet to meet, ascending.
    var awaited: [NodeID] { missing.withLock { $0.sorted() } }

    /// Takes note that this node and `peer` have taken each other for what they say they are.
    func meet(_ peer: NodeID) {
        let isLast = missing.withLock { missing in
            missing.remove(peer)
            return missing.isEmpty
        }
        if isLast { isPassedNow.store(true, ordering: .releasing) }
    }
}
