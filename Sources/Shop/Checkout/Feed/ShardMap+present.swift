import ActorSystem
import Commerce
import EventSourcing

extension ShardMap {
    /// How far the log of `shard` is final at the present: whatever any node was told before this call is in it.
    ///
    /// - Throws: when no leader answers.
    package func present(of shard: ShardID, at now: Timestamp) async throws(ExecutionFailure) -> LogIndex {
        // Any aggregate of the shard will do, and each shard has this one.
        let id = ConsumerPositionID(consumer: .inventory, source: shard, slot: Slot(shard.rawValue))
        return try await readAsOf(ConsumerPosition.self, id, at: now).asOf
    }
}
