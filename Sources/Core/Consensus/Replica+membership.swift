// Membership in force (thesis, chapter 4).
extension Replica {
    /// Puts a committed membership change into force. Called while applying `entry`, before `applied` or `advance`, for
    /// each membership change and in order. Without effect when a snapshot that covers `entry` has arrived in the
    /// meantime.
    ///
    /// - Returns: the membership to store with the state at `entry`.
    /// - Throws: when the change cannot be made to the membership in force. It then has no effect on any replica, since
    ///   all decide alike.
    @discardableResult
    public mutating func applyMembershipChange(_ entry: Entry) throws(MembershipRefusal) -> Membership {
        if entry.index <= handedOut.membershipIndex { return tracker.membership }
        guard case .membershipChange(let change) = entry.payload else {
            preconditionFailure("a record was applied as a membership change")
        }
        handedOut.takeMembershipChange(at: entry.index)
        switchTo(try MembershipChanger(tracker: tracker, last: log.lastIndex).apply(change))
        return tracker.membership
    }

    private mutating func switchTo(_ changed: Tracker) {
        tracker = changed
        guard role == .leader else { return }
        let own = tracker.position(of: id)
        if own == nil || tracker[own!].isLearner {
            if configuration.stepsDownOnRemoval { becomeFollower(in: term, of: nil) }
            return
        }
        if commitIfQuorum() {
            // A smaller quorum may hold more.
            releaseEarlyReads()
            broadcastAppend()
        } else {
            // New members need not wait for a heartbeat.
            for position in tracker.peers.indices where tracker.peers[position].id != id {
                sendAppend(at: position, evenIfEmpty: false)
            }
        }
        if let transferee, !tracker.membership.isVoter(transferee) { self.transferee = nil }
    }

    /// Everything up to `index` is in the state machine.
    mutating func noteApplied(to index: EntryIndex, bytes: Int) {
        log.applied(to: max(index, log.applied), bytes: bytes)
        guard tracker.membership.leavesJointAutomatically, log.applied >= pendingMembershipIndex, role == .leader else {
            return
        }
        // Refused during a transfer. Then the next leader, or the next entry applied, does it.
        _ = try? lead([.membershipChange(.leaveJoint)])
    }
}
