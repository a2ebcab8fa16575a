import Cluster
import Consensus
import Gateway
import Storage

/// Changes who belongs to the cluster of this node, and who leads.
///
/// Every node takes the steps of a goal on the shards that it leads; the node that was asked tells the others of the
/// goal until its own logs say that all of them are done.
struct MemberOperations: ClusterOperations {
    /// How long an operator waits for one answer. What takes longer is asked for again.
    private static let patience = Duration.seconds(10)
    /// Between one look and the next: some commits.
    private static let look = Duration.milliseconds(50)
    /// A transfer that has not come about by then was given up, and is asked for again.
    private static let transferPatience = Duration.seconds(1)

    let node: NodeID
    let directory: DataDirectory
    let book: MemberBook
    let board: ClusterBoard
    let gossip: Gossip
    let keys: KeyPublisher

    private var journals: [ReplicatedJournal] { directory.journals }

    // MARK: - Coming

    func add(
        _ node: UInt64, at text: String, replacing replaced: UInt64?
    ) async throws(ClusterRefusal) -> Bool {
        let goal = MembershipGoal(adding: NodeID(node), removing: replaced.map { NodeID($0) })
        guard let address = NodeConfiguration.SocketAddress(text), address.port > 0 else {
            throw .addressUnusable(text)
        }
        try requireNew(NodeID(node), at: address, goal)
        try requireLeaders()
        if let replaced = goal.removing { try requireMember(replaced) }
        let voters = Set(journals.flatMap { Array($0.membership.voters) }).union([NodeID(node)])
        guard voters.subtracting(goal.removing.map { [$0] } ?? []).count <= ClusterMembership.foundersMax else {
            throw .tooManyVoters(max: ClusterMembership.foundersMax)
        }
        book.take([MemberBook.Line(node: NodeID(node), entry: .address(address))])
        return await pursue(goal)
    }

    private func requireNew(
        _ node: NodeID, at address: NodeConfiguration.SocketAddress, _ goal: MembershipGoal
    ) throws(ClusterRefusal) {
        // One that has come in the place of another may have to be asked for again until the other one is gone.
        let isOver = goal.removing.map { book[$0] == .removed } ?? true
        if isOver, journals.allSatisfy({ goal.isReached(in: $0.membership) }) { throw .memberAlready(node.rawValue) }
        switch book[node] {
        case .removed: throw .numberUsed(node.rawValue)
        case .address(let known) where known != address: throw .addressDiffers(known: "\(known)")
        case .address, nil: break
        }
        if let other = book.node(at: address), other != node { throw .addressTaken(by: other.rawValue) }
    }

    // MARK: - Leaving

    func remove(_ node: UInt64) async throws(ClusterRefusal) -> Bool {
        let leaving = NodeID(node)
        try requireMember(leaving)
        try requireLeaders()
        let left = Set(journals.flatMap { Array($0.membership.voters) }).subtracting([leaving])
        if journals.contains(where: { $0.membership.voters.contains(leaving) }) {
            guard left.count > 1 else { throw .tooFewVoters }
            let heard = board.status.voices.filter { $0.isHeard && left.contains(NodeID($0.facts.node)) }.count
            guard heard > left.count / 2 else { throw .majorityAtRisk(heard: heard, of: left.count) }
        }
        return await pursue(MembershipGoal(removing: leaving))
    }

    /// A member, or one whose removal was broken off before its end.
    private func requireMember(_ leaving: NodeID) throws(ClusterRefusal) {
        guard leaving != node else { throw .asksItself(node.rawValue) }
        let isMember = journals.contains { $0.membership.nodes.contains(leaving) }
        guard isMember || book[leaving] != nil else { throw .unknownNode(leaving.rawValue) }
    }

    private func requireLeaders() throws(ClusterRefusal) {
        if let shard = journals.first(where: { $0.leader == nil })?.shard { throw .noLeader(shard: shard.rawValue) }
    }

    private func pursue(_ goal: MembershipGoal) async -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while !journals.allSatisfy({ goal.isReached(in: $0.membership) }) {
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            gossip.tell(goal)
            _ = directory.pursue(goal)
            try? await Task.sleep(for: Self.look)
        }
        guard let left = goal.removing else { return true }
        // What it has signed stays good as long as a token lives; then its key is published no longer.
        guard (try? await keys.retire(keysOf: left.rawValue)) != nil else { return false }
        book.take([MemberBook.Line(node: left, entry: .removed)])
        gossip.tellMembers()
        return true
    }

    // MARK: - Leading

    func transferLeadership(of shard: UInt16, to number: UInt64) async throws(ClusterRefusal) -> Bool {
        guard Int(shard) < journals.count else { throw .unknownShard(shard) }
        let (journal, node) = (journals[Int(shard)], NodeID(number))
        guard journal.membership.nodes.contains(node) else { throw .unknownNode(number) }
        let isHeard = board.status.voices.contains { $0.facts.node == number && $0.isHeard }
        guard isHeard, journal.membership.voters.contains(node) else { throw .cannotLead(number) }
        let deadline = ContinuousClock.now + Self.patience
        var nextWish = ContinuousClock.now
        while journal.leader != node {
            guard journal.leader != nil || ContinuousClock.now < deadline else { throw .noLeader(shard: shard) }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            if ContinuousClock.now >= nextWish {
                journal.transferLeadership(to: node)
                nextWish = .now + Self.transferPatience
            }
            try? await Task.sleep(for: Self.look)
        }
        return true
    }
}
