import EventSourcing

/// The way to the node that leads a shard, for calls that reach one which does not.
public protocol ShardRoute: Sendable {
    /// Runs `body` on the leader of `shard`, whose record names `actor`.
    ///
    /// - Throws: `.refused(.closed)` when no node is known to lead it, and nothing has happened; `.outcomeUnknown` when
    ///   the call or its answer may be lost.
    func execute<Answer: Sendable, Refusal: Error>(
        on shard: ShardID, at now: Timestamp, by actor: ActorID?, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal>
}

/// Is told that a record has changed an aggregate: the record, the aggregate, and the row of its committed state after
/// it. Called on the shard's executor.
public typealias ShardAudit = @Sendable (LogIndex, AggregateKind, _ id: [UInt8], _ row: [UInt8]) -> Void
