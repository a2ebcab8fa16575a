import EventSourcing

/// Which shard owns what: a pure function of an id's slot.
public struct ShardMap: Sendable {
    /// In the order of their ids, without a gap.
    public let shards: [Shard]

    public init(_ shards: [Shard]) {
        precondition(!shards.isEmpty, "there is at least one shard")
        precondition(shards.allSatisfy { $0.count == shards.count }, "a shard knows how many there are")
        self.shards = shards
    }

    public subscript(slot: Slot) -> Shard { shards[Int(slot.shard(of: shards.count).rawValue)] }
    public subscript(id: ShardID) -> Shard { shards[Int(id.rawValue)] }

    /// The shard of the catalogue and of the names of SKUs.
    public var catalogue: Shard { shards[0] }

    /// Runs `body` as one atomic step on the owner of `slot`, if this node leads it. See `Shard.execute`.
    public func execute<Answer: Sendable, Refusal: Error>(
        on slot: Slot, at now: Timestamp, by actor: ActorID? = nil,
        _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        try await self[slot].execute(at: now, by: actor, body)
    }

    /// As `read`, with the index up to which the log was final then: what is not in the state comes behind it.
    public func readAsOf<A: Recorded>(
        _: A.Type, _ id: A.ID
    ) async throws(ExecutionFailure) -> (value: Versioned<A>, asOf: LogIndex) {
        try await self[id.slot].read { states in (states.read(A.self, id), states.index) }
    }

    /// The committed state of one aggregate, behind a read barrier. See `Shard.read`.
    public func read<A: Recorded>(_: A.Type, _ id: A.ID) async throws(ExecutionFailure) -> Versioned<A> {
        try await self[id.slot].read { states in states.read(A.self, id) }
    }
}
