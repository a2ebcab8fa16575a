import Consensus
import EventSourcing

/// The driver's side. After any of these calls, and whenever the inbox was touched: `directives`, until there are none.
extension ReplicatedJournal {
    /// One tick has passed.
    func tick() { drive { $0.tick() } }

    /// A message of another member has arrived.
    ///
    /// - Parameter rows: with the announcement of a snapshot, all the rows of it.
    func step(_ message: Message, rows: SnapshotRows? = nil) throws(StepRefusal) {
        try drive { core throws(StepRefusal) in try core.step(message, rows: rows) }
    }

    /// Messages to `node` were dropped.
    func reportUnreachable(_ node: NodeID) { drive { $0.replica.reportUnreachable(node) } }

    /// The connection to `node` has ended.
    func disconnected(from node: NodeID) { drive { $0.disconnected(from: node) } }

    /// How sending a snapshot's bytes to `node` ended.
    func reportSnapshot(to node: NodeID, isDelivered: Bool) {
        drive { $0.replica.reportSnapshot(to: node, isDelivered: isDelivered) }
    }

    /// The write numbered `number` is durable.
    ///
    /// - Returns: messages that were waiting for it, to be sent now.
    func flushed(_ number: UInt64) -> [Message] {
        drive { core in core.flushed(number, front) }
    }

    /// A write failed. What is on disk is unknown: this replica never answers again.
    func flushFailed() { drive { $0.replica.flushFailed() } }

    /// Changes the replica, and shows the owners what has come of it.
    func drive<Answer: Sendable, Refusal: Error>(
        _ body: @Sendable (inout ReplicaCore) throws(Refusal) -> Answer
    ) throws(Refusal) -> Answer {
        let result: Result<Answer, Refusal> = core.withLock { core in
            let result = Result { () throws(Refusal) in try body(&core) }
            core.refresh()
            front.withLock { core.show(on: &$0) }
            return result
        }
        return try result.get()
    }

    /// Whether the disk has no room: nothing new is taken on.
    func setStorageFull(_ isFull: Bool) { front.withLock { $0.isStorageFull = isFull } }

    /// Sets which members have room on their disks, as this node has last heard.
    public func setRoom(of members: MemberRoom) {
        let isFull = members.keepsFromCommitting(membership.voters)
        front.withLock { $0.isMajorityFull = isFull }
    }

    /// Whether so many members have full disks that nothing new can be committed.
    public var isMajorityFull: Bool { front.withLock { $0.isMajorityFull } }

    /// Whether `directives` has anything to say.
    var hasDirectives: Bool { front.withLock { $0.hasInput } || core.withLock { $0.hasDirectives } }

    /// What is to be done now. Callers that waited for what has come about are resumed.
    func directives() -> ReplicaDirectives {
        var (directives, wakings) = core.withLock { core in
            let directives = core.directives(front)
            let wakings = front.withLock { front in
                core.show(on: &front)
                return front.takeWakings()
            }
            return (directives, wakings)
        }
        wakings.perform()
        directives.answered = wakings.decided
        return directives
    }

    /// The node stops: callers that still wait are told that the outcome is unknown.
    func end() {
        drive { $0.close() }
        front.withLock { $0.takeWakings() }.perform()
    }
}

/// The operator's side.
extension ReplicatedJournal {
    /// Starts an election now. A node that is alone has no leader to wait for.
    public func campaign() {
        drive { $0.replica.campaign() }
        inbox.touch(shard)
    }

    /// Hands leadership to `node`, or passes the wish on to the node that leads.
    public func transferLeadership(to node: NodeID) {
        drive { $0.replica.transferLeadership(to: node) }
        inbox.touch(shard)
    }

    /// Proposes a change of membership; of the leader only.
    public func propose(_ change: MembershipChange) throws(ProposalRefusal) -> Proposal {
        defer { inbox.touch(shard) }
        return try drive { core throws(ProposalRefusal) in try core.propose(change, front) }
    }

    /// Who leads the shard, as far as this replica knows.
    public var leader: NodeID? { front.withLock { $0.leader } }

    /// The members as of the last entry handed on.
    public var membership: Membership { core.withLock { $0.replica.membership } }

    public var status: Status { core.withLock { $0.replica.status } }
}
