import Consensus

/// Which node of which cluster a data directory belongs to: founded so when it is created, and compared with what it
/// says of itself whenever it is opened again.
///
/// A node that has lost its disk joins under a new id: what it once promised is on the disk that is lost.
public enum Founding: Hashable, Sendable {
    /// The first node of a new cluster, which it names at random.
    case alone
    /// One of the first nodes of a new cluster, all of which are voters. Each is founded with the same list.
    case member(NodeID, cluster: UInt64, of: [NodeID])
    /// A node that the cluster takes in later, first as a learner. It knows of no membership but that of the founders,
    /// which the log begins with, and elects no leader until the log or a snapshot has made it a voter.
    case joining(NodeID, cluster: UInt64, foundedBy: [NodeID])

    /// The node of a directory that is alone, and of every directory from before there were several.
    static let nodeAlone = NodeID(1)

    var node: NodeID {
        switch self {
        case .alone: Self.nodeAlone
        case .member(let node, _, _), .joining(let node, _, _): node
        }
    }

    /// Nil where it is drawn.
    var cluster: UInt64? {
        switch self {
        case .alone: nil
        case .member(_, let cluster, _), .joining(_, let cluster, _): cluster
        }
    }

    /// The voters that every shard's log begins with.
    var founders: NodeSet {
        switch self {
        case .alone: [Self.nodeAlone]
        case .member(_, _, let nodes), .joining(_, _, let nodes): NodeSet(nodes)
        }
    }

    /// A new directory's identity.
    func identity(shards: Int) throws(StorageError) -> DirectoryIdentity {
        var isAmong = node != .none && !founders.contains(.none)
        switch self {
        case .alone: break
        case .member: isAmong = isAmong && founders.contains(node)
        case .joining: isAmong = isAmong && !founders.contains(node) && !founders.isEmpty
        }
        guard isAmong else { throw .impossibleFounding(node: node.rawValue, founders: founders.map(\.rawValue)) }
        return DirectoryIdentity(
            node: node, cluster: cluster ?? .random(in: .min ... .max), founders: founders, shards: shards)
    }

    /// - Throws: what a directory says of itself instead.
    func compare(with identity: DirectoryIdentity) throws(StorageError) {
        guard identity.node == node else {
            throw .otherNode(found: identity.node.rawValue, asked: node.rawValue)
        }
        guard cluster == nil || cluster == identity.cluster else { throw .otherCluster(found: identity.cluster) }
    }
}
