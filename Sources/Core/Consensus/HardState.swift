/// What a replica must find again after a crash besides its log (Raft, figure 2, persistent state).
public struct HardState: Hashable, Sendable {
    /// The latest term this replica has seen.
    public var term: Term
    /// Whom this replica voted for in `term`.
    public var vote: NodeID?
    /// The highest index known to be committed. Only an accelerator: it may lag after a crash.
    public var commit: EntryIndex

    public init(term: Term, vote: NodeID?, commit: EntryIndex) {
        self.term = term
        self.vote = vote
        self.commit = commit
    }

    /// Before the first election.
    public static let initial = HardState(term: .zero, vote: nil, commit: .zero)
}

/// What a replica knows but need not keep: who leads, and what it is itself.
public struct SoftState: Hashable, Sendable {
    /// Nil while none is known.
    public var leader: NodeID?
    /// What this replica is.
    public var role: Role
}

/// What a replica currently is (Raft, section 5.1; pre-candidate: thesis, section 9.6).
public enum Role: Hashable, Sendable {
    case follower, preCandidate, candidate, leader
}

/// Identifies a snapshot: the state after applying everything up to `last`, and who were members then.
///
/// The core never sees the bytes. The shell streams them and reports how that ended.
public struct Snapshot: Hashable, Sendable {
    /// The last entry that the state covers.
    public var last: EntryID
    /// The members as of `last`.
    public var membership: Membership

    public init(last: EntryID, membership: Membership) {
        self.last = last
        self.membership = membership
    }
}
