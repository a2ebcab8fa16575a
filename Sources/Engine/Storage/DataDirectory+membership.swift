import Cluster
import Consensus
import EventSourcing

/// What the operator sees of a node's part in the cluster, and changes while it serves.
extension DataDirectory {
    /// How this node stands with each shard, in the order of their ids. Only the leader of a shard knows of the others.
    public var replicas: [Status] { journals.map(\.status) }

    /// Takes the next step towards `goal` on every shard that this node leads. The caller asks every node again until
    /// each shard is done: a step takes as long as a commit, and catching up as long as it takes.
    ///
    /// - Returns: the shards that are not done, of those that this node leads.
    public func pursue(_ goal: MembershipGoal) -> [ShardID] {
        journals.filter { $0.status.role == .leader }.compactMap { journal in
            switch goal.step(journal.status) {
            case .done: return nil
            case .wait: break
            case .transferLeadership(let node): journal.transferLeadership(to: node)
            case .propose(let change):
                do throws(ProposalRefusal) {
                    _ = try journal.propose(change)
                } catch {
                    // Another change, or a transfer, is under way: the next call tries again.
                }
            }
            return journal.shard
        }
    }

    /// Hands every leadership of this node to the voter that has come furthest, and returns when it leads no shard, or
    /// after `handOverMax`: a node that stops is not missed.
    public func handOver() async {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.handOverMax
        while clock.now < deadline, !Task.isCancelled {
            let led = journals.filter { journal in
                let status = journal.status
                return status.role == .leader && status.membership.voters.count > 1
            }
            if led.isEmpty { return }
            for journal in led { journal.transferLeadership(toOneOf: nil) }
            try? await clock.sleep(for: Self.handOverLook)
        }
    }

    /// Takes what this node has heard of the members' disks. Where its own is full, those with room are asked to lead;
    /// where too few have room to commit anything, it goes on leading for those who read.
    public func noteRoom(of members: MemberRoom) {
        for journal in journals {
            journal.setRoom(of: members)
            guard room.isFull, !journal.isMajorityFull, journal.status.role == .leader else { continue }
            journal.transferLeadership(toOneOf: members.free)
        }
    }

    /// A transfer takes a few commits, and is given up after an election timeout: time for a few of them.
    private static let handOverMax = Duration.seconds(3)
    private static let handOverLook = Duration.milliseconds(10)
}

extension ReplicatedJournal {
    /// Has the voter that has come furthest lead, of `candidates` where these are given.
    fileprivate func transferLeadership(toOneOf candidates: Set<NodeID>?) {
        if let successor = status.successor(among: candidates) { transferLeadership(to: successor) }
    }
}
