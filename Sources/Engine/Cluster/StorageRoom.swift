import Consensus

/// What a node's disk has room for.
public enum StorageRoom: Sendable {
    case everything
    /// The node proposes nothing new, and takes what a leader sends: members that fill up together keep equal logs.
    case replication
    /// The node votes, and takes the entry that begins a leader's term, so that a leader is elected for those who read.
    case elections
}

/// The members that this node hears, itself among them, by whether their disks are full.
public struct MemberRoom: Sendable, Equatable {
    public var free: Set<NodeID>
    public var full: Set<NodeID>

    public init(free: Set<NodeID> = [], full: Set<NodeID> = []) {
        self.free = free
        self.full = full
    }

    /// Whether full disks alone keep `voters` from committing anything new: those with room are no majority, and
    /// those that are heard are one.
    func keepsFromCommitting(_ voters: NodeSet) -> Bool {
        let free = voters.count { self.free.contains($0) }
        let heard = free + voters.count { full.contains($0) }
        return free <= voters.count / 2 && heard > voters.count / 2
    }
}
