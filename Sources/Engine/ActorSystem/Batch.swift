import EventSourcing

/// One atomic step of a shard: decisions over several of its aggregates that become one record, or nothing.
///
/// Handed to the closure of `Shard.execute`, on the shard's executor, and valid only there: used elsewhere or later it
/// stops the process. (A noncopyable type would say so at compile time; Swift 6.3.1 aborts when it optimises closures
/// that take one.)
public struct Batch: Sendable {
    let shard: Shard
    let number: UInt64
    /// The record's time: never before that of an earlier record of the shard.
    public let now: Timestamp
    /// The log of the shard is final up to here, and what it holds is in what this batch sees.
    public let committed: LogIndex

    /// Decides `command` and applies its events to what the rest of the batch sees.
    ///
    /// - Parameter isNew: the id was drawn for this command, or the batch has read that nothing exists under it: there
    ///   is no stored state to look for.
    /// - Returns: the events; none when the promise already stands.
    /// - Throws: the refusal. Thrown on out of the closure, it undoes the whole batch.
    @discardableResult
    public func decide<A: Recorded>(
        _: A.Type, _ id: A.ID, _ command: A.Command, isNew: Bool = false
    ) throws(A.Refusal) -> [A.Event] {
        try shard.assumeIsolated { shard in
            shard.requireOpen(number)
            return shard.stage(A.self, id, command, at: now, isNew: isNew)
        }.get()
    }

    /// Whether the shard of this batch owns a slot.
    public func owns(_ slot: @autoclosure () -> Slot) -> Bool {
        shard.count == 1 || slot().shard(of: shard.count) == shard.id
    }

    /// The aggregate as this batch sees it. The answer of the batch waits for the events it rests on.
    public func read<A: Recorded>(_: A.Type, _ id: A.ID) -> Versioned<A> { look(at: A.self, id) { $0 } }

    /// As `read`, of what `look` makes of the aggregate, so that no more of it is copied.
    public func look<A: Recorded, Answer: Sendable>(
        at _: A.Type, _ id: A.ID, _ look: @Sendable (Versioned<A>) -> Answer
    ) -> Answer {
        shard.assumeIsolated { shard in
            shard.requireOpen(number)
            return shard.read(A.self, id, at: now, look)
        }
    }
}

/// What a batch's closure returned, and what must be confirmed before the caller is told.
struct Receipt<Answer: Sendable, Refusal: Error>: Sendable {
    let answer: Result<Answer, Refusal>
    let decision: Decision

    /// Never, but by mistake.
    var isToldAtOnce: Bool {
        Mistake.answerBeforeCommit.isMade || !decision.isRecorded && Mistake.refusalBeforeCommit.isMade
    }
}

/// Why a batch has no answer.
public enum ExecutionFailure: Error, Hashable, Sendable {
    /// Nothing was recorded; it may be tried again.
    case refused(JournalRefusal)
    /// It may or may not have been recorded. Ask again under the same idempotency key.
    case outcomeUnknown
}
