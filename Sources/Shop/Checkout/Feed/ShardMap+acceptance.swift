import ActorSystem
import EventSourcing

extension ShardMap {
    /// Runs a consumer's step until its shard takes it: a full queue or a full disk is no reason to stop the node, and
    /// what there is to do stands in the log.
    func runWhenAccepted<Step: ShardStep>(
        _ step: Step, at now: @Sendable () -> Timestamp, timer: any Clock<Duration>
    ) async throws -> Result<Step.Answer, Step.Refusal> {
        while true {
            do throws(ExecutionFailure) {
                return try await run(step, at: now())
            } catch .refused(.full), .refused(.storageFull) {
                try await timer.sleep(for: Self.acceptancePause)
            }
        }
    }

    /// Long enough for a queue to drain, too short for a client to miss the effect.
    private static var acceptancePause: Duration { .milliseconds(50) }
}
