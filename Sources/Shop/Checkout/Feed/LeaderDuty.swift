import ActorSystem

/// What the leader of a shard does besides answering.
public protocol LeaderDuty: Sendable {
    /// Does it until the task is cancelled, which it is when this node leads `shard` no longer, or the journal ends.
    ///
    /// - Throws: `ExecutionFailure` when a shard refuses a step or its outcome is unknown. What is owed stands in the
    ///   log; the leader begins again and finds it there. Any other error ends the node.
    func perform(on shard: Shard) async throws
}
