/// Computes the membership that a change leads to (thesis, chapter 4). Pure: it changes nothing until the result is
/// adopted.
struct MembershipChanger {
    var tracker: Tracker
    /// Where the log ends, for members that join.
    let last: EntryIndex

    /// What `change` calls for.
    func apply(_ change: MembershipChange) throws(MembershipRefusal) -> Tracker {
        if change.leavesJoint { return try leaveJoint() }
        guard change.entersJoint else { return try simple(change.operations) }
        return try enterJoint(change.operations, leavesAutomatically: change.transition != .jointUntilLeft)
    }

    /// From `(1 2 3)` to `(1 2 4)&&(1 2 3)`.
    func enterJoint(
        _ operations: [MembershipChange.Operation], leavesAutomatically: Bool
    ) throws(MembershipRefusal) -> Tracker {
        guard !tracker.membership.isJoint else { throw .alreadyJoint }
        guard !tracker.membership.voters.isEmpty else { throw .noVoters }
        var changed = tracker
        changed.membership.outgoingVoters = changed.membership.voters
        changed.membership.leavesJointAutomatically = leavesAutomatically
        try perform(operations, on: &changed)
        return changed
    }

    /// From `(1 2 4)&&(1 2 3)` to `(1 2 4)`: the incoming voters decide alone, and staged learners become learners.
    func leaveJoint() throws(MembershipRefusal) -> Tracker {
        guard tracker.membership.isJoint else { throw .notJoint }
        var changed = tracker
        for node in changed.membership.nextLearners {
            changed.membership.learners.insert(node)
            changed.setLearner(true, node)
        }
        for node in changed.membership.outgoingVoters
        where !changed.membership.voters.contains(node) && !changed.membership.learners.contains(node) {
            changed.remove(node)
        }
        changed.membership.nextLearners = []
        changed.membership.outgoingVoters = []
        changed.membership.leavesJointAutomatically = false
        return checked(changed)
    }

    /// Operations that in sum change at most one voter.
    func simple(_ operations: [MembershipChange.Operation]) throws(MembershipRefusal) -> Tracker {
        guard !tracker.membership.isJoint else { throw .alreadyJoint }
        var changed = tracker
        try perform(operations, on: &changed)
        guard changed.membership.voters.countOfDifferences(from: tracker.membership.voters) <= 1 else {
            throw .severalVoters
        }
        return changed
    }

    private func perform(
        _ operations: [MembershipChange.Operation], on changed: inout Tracker
    ) throws(MembershipRefusal) {
        for operation in operations where operation.node != .none {
            switch operation.kind {
            case .addVoter: changed.makeVoter(operation.node, last: last)
            case .addLearner: changed.makeLearner(operation.node, last: last)
            case .remove: changed.dismiss(operation.node)
            case .update: break
            }
        }
        if changed.membership.voters.isEmpty { throw .removesAllVoters }
        changed = checked(changed)
    }

    private func checked(_ changed: Tracker) -> Tracker {
        precondition(
            changed.membership.isValid && changed.peers.map(\.id) == Array(changed.membership.nodes),
            "a membership change broke the membership's invariant")
        return changed
    }
}

extension Tracker {
    fileprivate mutating func setLearner(_ isLearner: Bool, _ node: NodeID) {
        guard let position = position(of: node) else { preconditionFailure("a member is not tracked") }
        self[position].isLearner = isLearner
    }

    fileprivate mutating func makeVoter(_ node: NodeID, last: EntryIndex) {
        if position(of: node) == nil { add(node, last: last, isLearner: false) }
        setLearner(false, node)
        membership.learners.remove(node)
        membership.nextLearners.remove(node)
        membership.voters.insert(node)
    }

    /// A voter of the outgoing majority stays one until the joint state is left: it is staged.
    fileprivate mutating func makeLearner(_ node: NodeID, last: EntryIndex) {
        membership.voters.remove(node)
        if membership.outgoingVoters.contains(node) {
            membership.nextLearners.insert(node)
            return
        }
        if position(of: node) == nil { add(node, last: last, isLearner: true) }
        setLearner(true, node)
        membership.learners.insert(node)
    }

    fileprivate mutating func dismiss(_ node: NodeID) {
        membership.voters.remove(node)
        membership.learners.remove(node)
        membership.nextLearners.remove(node)
        if !membership.outgoingVoters.contains(node) { remove(node) }
    }
}
