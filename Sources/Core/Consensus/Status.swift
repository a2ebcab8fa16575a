/// What a replica shows to operators and to the shell.
public struct Status: Hashable, Sendable {
    /// One member, as its leader sees it.
    public struct Member: Hashable, Sendable {
        /// Looking for where its log ends, keeping up, or waiting for a snapshot.
        public enum Phase: Hashable, Sendable { case probe, replicate, snapshot }
        public let id: NodeID
        public let isLearner: Bool
        /// Its log agrees with the leader's, and is flushed, up to here.
        public let match: EntryIndex
        public let phase: Phase
        /// Whether it was heard of since check-quorum last looked.
        public let isRecentlyActive: Bool
        /// Appends that it has not answered.
        public let inFlightCount: Int
    }

    public let id: NodeID
    public let role: Role
    public let leader: NodeID?
    /// To whom leadership is being transferred.
    public let transferee: NodeID?
    /// Term, vote and commit index.
    public let hardState: HardState
    /// The end of the log, flushed or not.
    public let last: EntryIndex
    /// What the state machine holds.
    public let applied: EntryIndex
    /// The members as of `applied`.
    public let membership: Membership
    /// Empty except on a leader.
    public let members: [Member]
}

extension Replica {
    /// The end of the log, flushed or not.
    public var lastIndex: EntryIndex { log.lastIndex }

    /// The term of any entry that is held, or of the one just before the first; nil for all others.
    public func term(at index: EntryIndex) -> Term? { log.term(at: index) }

    /// The snapshot that has arrived and is not flushed.
    public var arrivingSnapshot: Snapshot? { log.unstable.snapshot }

    /// The members as of the last entry applied.
    public var membership: Membership { tracker.membership }

    /// What this replica shows at this moment.
    public var status: Status {
        Status(
            id: id, role: role, leader: leader, transferee: transferee, hardState: hardState, last: log.lastIndex,
            applied: log.applied, membership: tracker.membership, members: role == .leader ? members : [])
    }

    private var members: [Status.Member] {
        tracker.peers.map { peer in
            let phase: Status.Member.Phase =
                switch peer.progress.phase {
                case .probe: .probe
                case .replicate: .replicate
                case .snapshot: .snapshot
                }
            return Status.Member(
                id: peer.id, isLearner: peer.progress.isLearner, match: peer.progress.match, phase: phase,
                isRecentlyActive: peer.progress.isRecentlyActive, inFlightCount: peer.progress.window.count)
        }
    }
}
