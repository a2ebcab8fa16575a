import ActorSystem
import EventSourcing

extension Shard {
    /// Hands committed records to `body`, in order and without a gap, as they come, until the task is cancelled or the
    /// journal ends.
    ///
    /// - Parameters:
    ///   - start: the last index that need not be seen again.
    ///   - body: gets the records and the index of the last one. It has them all, or is called again with them. Where
    ///     the log has entries that are no records, it gets none, and the index of the last of those.
    public nonisolated func follow(
        after start: LogIndex, countMax: Int, bytesMax: Int,
        _ body: (_ records: [JournalRecord], _ last: LogIndex) async throws -> Void
    ) async throws {
        var cursor = start
        var commits = journal.commits().makeAsyncIterator()
        while !Task.isCancelled {
            let committed = journal.committed
            let records = try journal.records(from: cursor.next, countMax: countMax, bytesMax: bytesMax)
            if let last = records.last?.index ?? (committed > cursor ? committed : nil) {
                try await body(records, last)
                cursor = last
            } else if await commits.next() == nil {
                return
            }
        }
    }

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

    /// Long enough for a queue to drain, too short for a customer to miss the effect.
    private static var acceptancePause: Duration { .milliseconds(50) }
}
