// Time, counted in ticks.
extension Replica {
    /// One tick has passed.
    public mutating func tick() {
        guard failure == nil else { return }
        if role == .leader { tickHeartbeat() } else { tickElection() }
    }

    private mutating func tickElection() {
        electionElapsed += 1
        guard isPromotable, electionElapsed >= randomizedElectionTicks else { return }
        electionElapsed = 0
        campaign()
    }

    private mutating func tickHeartbeat() {
        heartbeatElapsed += 1
        electionElapsed += 1
        if electionElapsed >= configuration.electionTicks {
            electionElapsed = 0
            if configuration.checksQuorum { checkQuorum() }
            // A transfer that takes longer than an election is given up.
            if role == .leader { transferee = nil }
        }
        guard role == .leader, heartbeatElapsed >= configuration.heartbeatTicks else { return }
        heartbeatElapsed = 0
        broadcastHeartbeat()
    }

    private mutating func checkQuorum() {
        if !tracker.isQuorumActive { becomeFollower(in: term, of: nil) }
        for position in tracker.peers.indices where tracker.peers[position].id != id {
            tracker[position].isRecentlyActive = false
        }
    }
}
