// Changes of role (Raft, figure 4).
extension Replica {
    private mutating func reset(to term: Term) {
        if self.term != term {
            self.term = term
            vote = nil
        }
        leader = nil
        electionElapsed = 0
        heartbeatElapsed = 0
        randomizedElectionTicks =
            configuration.electionTicks + Int.random(in: 0..<configuration.electionTicks, using: &generator)
        transferee = nil
        tracker.reset(last: log.lastIndex, own: id)
        pendingMembershipIndex = .zero
        uncommittedBytes = 0
        reads = ReadQueue()
        earlyReads = []
    }

    mutating func becomeFollower(in term: Term, of leader: NodeID?) {
        reset(to: term)
        self.leader = leader
        role = .follower
    }

    /// Changes neither term nor vote.
    mutating func becomePreCandidate() {
        precondition(role != .leader, "a leader does not campaign")
        tracker.resetVotes()
        leader = nil
        role = .preCandidate
    }

    mutating func becomeCandidate() {
        precondition(role != .leader, "a leader does not campaign")
        reset(to: term.next)
        vote = id
        role = .candidate
    }

    mutating func becomeLeader() {
        precondition(role != .follower, "a follower becomes leader by an election")
        reset(to: term)
        leader = id
        role = .leader
        // No membership change is applied during a campaign: no node campaigns before those that are committed.
        guard let position = tracker.position(of: id) else { preconditionFailure("only a member is elected") }
        tracker[position].becomeReplicate()
        tracker[position].isRecentlyActive = true
        // There may be a membership change in the part of the log that is not applied; to look would cost more than to
        // wait.
        pendingMembershipIndex = log.lastIndex
        if !makes(.skipNoOp) { append([.empty]) }
    }
}
