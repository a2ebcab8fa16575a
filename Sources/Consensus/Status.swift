/// What a replica shows to operators and to the shell.
public struct Status: Hashable, Sendable {
    /// One member, as its leader sees it.
    public struct Member: Hashable, Sendable {
        public enum Phase: Hashable, Sendable { case probe, replicate, snapshot }
        public let id: NodeID
        public let isLearner: Bool
        public let match: EntryIndex
        public let phase: Phase
        public let isRecentlyActive: Bool
        public let inFlightCount: Int
    }

    public let id: NodeID
    public let role: Role
    public let leader: NodeID?
    public let transferee: NodeID?
    public let hardState: HardState
    public let last: EntryIndex
    public let applied: EntryIndex
    public let membership: Membership
    /// Empty except on a leader.
    public let members: [Member]
}

extension Replica {
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
