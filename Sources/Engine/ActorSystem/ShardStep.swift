import EventSourcing

/// What one node asks of another: a value with a number, executed by the leader of its shard.
public protocol LeaderCall: WireCodable {
    associatedtype Answer: WireCodable
    /// `Never` for a call that is never refused.
    associatedtype Refusal: Error & WireCodable

    /// Given once and never again: a peer may ask for what has a number in the `StepTable`, and for nothing else.
    /// Those from 256 to 511 were of reads, before these became local.
    static var number: StepNumber { get }

    /// Names the shard.
    var slot: Slot { get }
}

/// A change of one shard as a value.
///
///     let answer = try await shards.run(ChangeCart(of: customer, .removeItem(sku)), at: clock(), by: actor).get()
///
/// On the leader a step runs directly, and nothing is encoded. Elsewhere it goes to the leader as bytes.
public protocol ShardStep: LeaderCall {
    // Named again, so that the compiler infers both from `run`.
    associatedtype Answer
    associatedtype Refusal

    /// Reads and decides aggregates of its shard; pure and synchronous. A refusal undoes all of it.
    func run(in batch: Batch) throws(Refusal) -> Answer

    /// Decides what is left of a refusal, once all that `run` decided is undone. Nothing, if not said otherwise.
    func keep(_ refusal: Refusal, in batch: Batch)
}

extension ShardStep {
    public func keep(_ refusal: Refusal, in batch: Batch) {}
}

/// The wire number of a kind of step or procedure.
public struct StepNumber: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension ShardMap {
    /// Runs `step` on the leader of its shard. See `Shard.run`.
    public func run<Step: ShardStep>(
        _ step: Step, at now: Timestamp, by actor: ActorID? = nil
    ) async throws(ExecutionFailure) -> Result<Step.Answer, Step.Refusal> {
        try await self[step.slot].run(step, at: now, by: actor)
    }
}

extension Shard {
    /// Runs `step` on the leader, and answers once everything it rests on is committed, a refusal too.
    ///
    /// - Parameters:
    ///   - now: the caller's clock; a leader elsewhere goes by its own.
    ///   - actor: the account that asks, which the record names; nil for what the shop does by itself.
    /// - Returns: what the step answered, or its refusal. After a refusal nothing has changed but what `keep` decided.
    public nonisolated func run<Step: ShardStep>(
        _ step: Step, at now: Timestamp, by actor: ActorID? = nil
    ) async throws(ExecutionFailure) -> Result<Step.Answer, Step.Refusal> {
        guard let route, journal.standing.leadership == nil else {
            return try await runHere(step, at: now, by: actor)
        }
        return try await ask(step, by: actor, over: route)
    }

    /// Takes `call` to the leader, wherever that is.
    nonisolated func ask<Call: LeaderCall>(
        _ call: Call, by actor: ActorID?, over route: any ShardRoute
    ) async throws(ExecutionFailure) -> Result<Call.Answer, Call.Refusal> {
        let bytes = StepCall(call, by: actor).encoded()
        guard bytes.count <= StepCall.bytesMax else { throw .refused(.recordTooLarge(bytesMax: StepCall.bytesMax)) }
        let reply = try await route.run(bytes, on: id)
        do throws(MalformedBytes) {
            return try StepReply(decoding: reply[...]).result(of: Call.self)
        } catch {
            // The call was taken. A leader whose answer cannot be read has told nothing of what came of it.
            route.didNotUnderstand(error, of: Call.number)
            throw .outcomeUnknown
        }
    }

    /// As `run`, but refused with `.closed` when this node does not lead the shard.
    nonisolated func runHere<Step: ShardStep>(
        _ step: Step, at now: Timestamp, by actor: ActorID?
    ) async throws(ExecutionFailure) -> Result<Step.Answer, Step.Refusal> {
        try await answer(of: perform(step, at: now, by: actor))
    }

    /// Runs `step` without waiting: the answer is not to be told before the receipt's record is committed.
    func perform<Step: ShardStep>(
        _ step: Step, at now: Timestamp, by actor: ActorID?
    ) throws(ExecutionFailure) -> Receipt<Step.Answer, Step.Refusal> {
        try perform(at: now, by: actor, keeping: { step.keep($0, in: $1) }) { batch throws(Step.Refusal) in
            try step.run(in: batch)
        }
    }
}
