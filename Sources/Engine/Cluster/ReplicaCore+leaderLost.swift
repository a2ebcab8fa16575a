import Consensus

/// A leader whose process dies is noticed at once: the kernel closes its connections.
///
/// A connection may also break while both ends live. Then the other followers still hear the leader and refuse the
/// pre-vote, and the leader's next heartbeat ends the candidacy.
extension ReplicaCore {
    /// Ticks between the first follower that campaigns and the next: an election takes less, so that the votes are
    /// seldom split, and another follower is not far when the first one cannot win.
    static let campaignSpacingTicks = 2

    /// A follower's turn to campaign.
    struct Succession {
        /// Of the leader that was lost.
        let term: Term
        var ticks: Int
    }

    mutating func tick() {
        replica.tick()
        readers.passTick()
        guard var next = succession else { return }
        // A leader was heard of, or another follower's election is under way.
        guard replica.term == next.term, replica.leader == nil, replica.role == .follower else {
            return succession = nil
        }
        next.ticks -= 1
        succession = next.ticks > 0 ? next : nil
        if next.ticks == 0 { replica.campaign() }
    }

    /// The connection to `node` has ended. If it led, an election begins without waiting for the election timeout.
    mutating func disconnected(from node: NodeID) {
        replica.reportUnreachable(node)
        guard replica.failure == nil, replica.role == .follower, replica.leader == node else { return }
        guard let turn = turn(without: node) else { return }
        // Or this replica would refuse its vote to the others.
        replica.forgetLeader()
        guard turn > 0 else { return replica.campaign() }
        succession = Succession(term: replica.term, ticks: turn * Self.campaignSpacingTicks)
    }

    /// How many of the other voters campaign before this one. Each shard begins with another voter, so that the
    /// leaderships of a node that died are spread. Nil on a node that is no voter.
    private func turn(without lost: NodeID) -> Int? {
        let voters = replica.membership.voters.filter { $0 != lost }
        guard let place = voters.firstIndex(of: replica.id) else { return nil }
        return (place + Int(shard.rawValue)) % voters.count
    }
}
