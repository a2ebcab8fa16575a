/// What became of a proposal. Accepted is not committed: it may still be lost with this leader.
public enum Proposal: Hashable, Sendable {
    /// Appended to this leader's log.
    case appended(term: Term, indexes: ClosedRange<EntryIndex>)
    /// A membership change that cannot be made now; an empty entry took its place.
    case emptied(EntryID, MembershipRefusal)
    /// Passed on to the leader, which may refuse it in silence.
    case forwarded(to: NodeID)
}

/// Why a proposal was refused. Nothing was appended.
public enum ProposalRefusal: Error, Hashable, Sendable {
    case noLeader
    /// `ReplicaConfiguration.forwardsProposals` is off.
    case notLeader(leader: NodeID)
    /// Another node decided this, on a state that is not ours. `ReplicaConfiguration.forwardsProposals` is off.
    case passedOn(by: NodeID)
    /// This leader has been removed from the group.
    case notMember
    case leadershipTransfer(to: NodeID)
    case uncommittedBytes(max: Int)
    case stopped(ReplicaFailure)
}

/// Why a read was refused.
public enum ReadRefusal: Error, Hashable, Sendable {
    case noLeader
    case pendingReads(max: Int)
    case stopped(ReplicaFailure)
}
