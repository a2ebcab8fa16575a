import Consensus
import EventSourcing

/// The driver's side. After any of these calls, and whenever the inbox was touched: `directives`, until there are none.
extension ReplicatedJournal {
    /// One tick has passed.
    func tick() {
        core.withLock { core in
            core.replica.tick()
            core.refresh()
        }
    }

    /// A message of another member has arrived.
    ///
    /// - Parameter rows: with the announcement of a snapshot, all the rows of it.
    func step(_ message: Message, rows: [StateRow]? = nil) throws(StepRefusal) {
        try core.withLock { core throws(StepRefusal) in try core.step(message, rows: rows) }
    }

    /// Messages to `node` were dropped.
    func reportUnreachable(_ node: NodeID) { core.withLock { $0.replica.reportUnreachable(node) } }

    /// How sending a snapshot's bytes to `node` ended.
    func reportSnapshot(to node: NodeID, isDelivered: Bool) {
        core.withLock { $0.replica.reportSnapshot(to: node, isDelivered: isDelivered) }
    }

    /// The write numbered `number` is durable.
    ///
    /// - Returns: messages that were waiting for it, to be sent now.
    func flushed(_ number: UInt64) -> [Message] { core.withLock { $0.flushed(number) } }

    /// A write failed. What is on disk is unknown: this replica never answers again.
    func flushFailed() {
        core.withLock { core in
            core.replica.flushFailed()
            core.refresh()
        }
    }

    /// Whether `directives` has anything to say.
    var hasDirectives: Bool { core.withLock { $0.hasDirectives } }

    /// What is to be done now. Callers that waited for what has come about are resumed.
    func directives() -> ReplicaDirectives {
        let (directives, wakings) = core.withLock { core in
            let directives = core.directives()
            return (directives, core.takeWakings())
        }
        wakings.perform()
        return directives
    }

    /// The node stops: callers that still wait are told that the outcome is unknown.
    func end() {
        let wakings = core.withLock { core in
            core.close()
            return core.takeWakings()
        }
        wakings.perform()
    }
}

/// The operator's side.
extension ReplicatedJournal {
    /// Whether the disk has no room: nothing new is taken on.
    public func setStorageFull(_ isFull: Bool) { core.withLock { $0.isStorageFull = isFull } }

    /// Starts an election now. A node that is alone has no leader to wait for.
    public func campaign() {
        core.withLock { core in
            core.replica.campaign()
            core.refresh()
        }
        inbox.touch(shard)
    }

    /// Hands leadership to `node`, or passes the wish on to the node that leads.
    public func transferLeadership(to node: NodeID) {
        core.withLock { $0.replica.transferLeadership(to: node) }
        inbox.touch(shard)
    }

    /// Proposes a change of membership; of the leader only.
    public func propose(_ change: MembershipChange) throws(ProposalRefusal) -> Proposal {
        let result = core.withLock { core in
            Result { () throws(ProposalRefusal) in try core.replica.propose(change) }
        }
        inbox.touch(shard)
        return try result.get()
    }

    /// Who leads the shard, as far as this replica knows.
    public var leader: NodeID? { core.withLock { $0.replica.leader } }

    /// The members as of the last entry handed on.
    public var membership: Membership { core.withLock { $0.replica.membership } }

    public var status: Status { core.withLock { $0.replica.status } }
}
