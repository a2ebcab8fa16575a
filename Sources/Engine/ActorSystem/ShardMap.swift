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

    /// Runs `body` as one atomic step on the owner of `slot`. See `Shard.execute`.
    public func execute<Answer: Sendable, Refusal: Error>(
        on slot: Slot, at now: Timestamp, by actor: ActorID? = nil,
        _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        try await self[slot].execute(at: now, by: actor, body)
    }

    /// As `read`, with the index up to which the log was final then: what is not in the state comes behind it.
    public func readAsOf<A: Recorded>(
        _: A.Type, _ id: A.ID, at now: Timestamp
    ) async throws(ExecutionFailure) -> (value: Versioned<A>, asOf: LogIndex) {
        try await self[id.slot].execute(at: now) { batch throws(Never) in (batch.read(A.self, id), batch.committed) }
            .get()
    }

    /// The committed state of one aggregate.
    public func read<A: Recorded>(
        _: A.Type, _ id: A.ID, at now: Timestamp
    ) async throws(ExecutionFailure) -> Versioned<A> {
        try await self[id.slot].execute(at: now) { batch throws(Never) in batch.read(A.self, id) }.get()
    }
}
