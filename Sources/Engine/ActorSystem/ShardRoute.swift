import EventSourcing

/// The way to the node that leads a shard, for calls that reach one which does not.
public protocol ShardRoute: Sendable {
    /// Takes a step to the leader of `shard`, whose `StepTable` takes it.
    ///
    /// - Parameter call: the step's number, the account that asks, and the step.
    /// - Returns: the bytes of the step's answer or refusal.
    /// - Throws: `.refused(.closed)` when no node is known to lead it, and nothing has happened; `.outcomeUnknown` when
    ///   the call or its answer may be lost.
    func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8]

    /// Is told that what the leader replied to a call is neither an answer of its nor a refusal: the two nodes do not
    /// speak the same language. The caller hears `.outcomeUnknown`.
    func didNotUnderstand(_ failure: MalformedBytes, of call: StepNumber)
}

/// Is told that a record has changed an aggregate: the record, the aggregate, and the row of its committed state after
/// it. Called on the shard's executor.
public typealias ShardAudit = @Sendable (LogIndex, AggregateKind, _ id: [UInt8], _ row: [UInt8]) -> Void
