import Consensus

/// Which node is to be taken into the groups of all shards, which is to leave them, or both: a replacement.
///
/// It is pursued a step at a time, on each shard by the node that leads it, and may be pursued again after any failure:
/// the node that is to leave lets another one lead, a new node learns, then votes, in the same change in which the old
/// one leaves.
public struct MembershipGoal: Hashable, Sendable {
    public let adding: NodeID?
    public let removing: NodeID?

    public init(adding: NodeID? = nil, removing: NodeID? = nil) {
        self.adding = adding
        self.removing = removing
    }

    public enum Step: Hashable, Sendable {
        case done
        /// An earlier change is under way, or a learner has yet to catch up.
        case wait
        case propose(MembershipChange)
        /// A node that is to leave leads no longer.
        case transferLeadership(to: NodeID)
    }

    /// A learner that is so many entries behind has caught up: a busy shard writes them in a tenth of a second, and is
    /// never level with all of its members.
    private static let lagMax = 1_000

    /// Whether a shard with these members has nothing left to do.
    public func isReached(in membership: Membership) -> Bool { isAdded(in: membership) && isRemoved(in: membership) }

    private func isAdded(in membership: Membership) -> Bool {
        adding.map { membership.voters.contains($0) } ?? true
    }

    private func isRemoved(in membership: Membership) -> Bool {
        removing.map { !membership.nodes.contains($0) } ?? true
    }

    /// What the leader of a shard has to do next.
    public func step(_ status: Status) -> Step {
        let membership = status.membership
        if isReached(in: membership) { return .done }
        let (isAdded, isRemoved) = (isAdded(in: membership), isRemoved(in: membership))
        guard !membership.isJoint else { return .wait }
        // First of all: a node that has left the groups of other shards already can read them no longer, and could do
        // little of what a leader has to.
        if let removing, status.id == removing {
            return status.successor().map { .transferLeadership(to: $0) } ?? .wait
        }
        var operations: [MembershipChange.Operation] = []
        if let adding, !isAdded {
            guard membership.nodes.contains(adding) else {
                return .propose(MembershipChange([.init(.addLearner, adding)]))
            }
            guard let learner = status.members.first(where: { $0.id == adding }), learner.phase == .replicate,
                learner.match.advanced(by: Self.lagMax) >= status.hardState.commit
            else { return .wait }
            operations.append(.init(.addVoter, adding))
        }
        if let removing, !isRemoved { operations.append(.init(.remove, removing)) }
        return .propose(MembershipChange(operations))
    }
}

extension Status {
    /// The voter that has come furthest of those that were heard of lately: leadership goes to it soonest.
    ///
    /// - Parameter candidates: nil for all voters.
    public func successor(among candidates: Set<NodeID>? = nil) -> NodeID? {
        members.filter { member in
            member.id != id && !member.isLearner && member.isRecentlyActive
                && candidates?.contains(member.id) ?? true
        }.max { $0.match < $1.match }?.id
    }
}
