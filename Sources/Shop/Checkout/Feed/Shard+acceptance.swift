import ActorSystem
import EventSourcing

extension Shard {
    /// Runs one step of a consumer until the shard takes it: a full queue or a full disk is no reason to stop the node,
    /// and what there is to do stands in the log.
    nonisolated func executeWhenAccepted<Answer: Sendable>(
        at now: @Sendable () -> Timestamp, timer: any Clock<Duration>, _ body: @Sendable (Batch) -> Answer
    ) async throws -> Answer {
        while true {
            do throws(ExecutionFailure) {
                return try await execute(at: now()) { batch throws(Never) in body(batch) }.get()
            } catch .refused(.full), .refused(.storageFull) {
                try await timer.sleep(for: Self.acceptancePause)
            }
        }
    }

    /// Long enough for a queue to drain, too short for anybody to miss the effect.
    private static var acceptancePause: Duration { .milliseconds(50) }
}
