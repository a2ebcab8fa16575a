import EventSourcing

/// The steps and procedures that a node takes from its peers.
public struct StepTable: Sendable {
    private let steps: [StepNumber: TakenStep]

    public init(_ steps: [TakenStep]) {
        self.steps = [StepNumber: TakenStep](steps.map { ($0.number, $0) }) { first, second in
            preconditionFailure("\(first.name) and \(second.name) have one number")
        }
    }

    /// Ascending by number.
    public var all: [TakenStep] { steps.values.sorted { $0.number < $1.number } }

    /// Reads what a peer sent. Its number is looked up before anything of the step is decoded.
    ///
    /// - Parameter call: the bytes that the peer's `ShardRoute` was handed.
    public func read(_ call: ArraySlice<UInt8>) throws(StepFailure) -> ReadCall {
        let head: StepCall
        do throws(MalformedBytes) { head = try StepCall(decoding: call) } catch { throw .malformed(error) }
        guard let step = steps[head.number] else { throw .unknownStep(head.number) }
        do throws(MalformedBytes) { return try step.read(head) } catch { throw .malformed(error) }
    }

    /// Takes the step that a peer sent, on the shard of its slot, and says what came of it.
    ///
    /// - Parameter now: this node's clock, which stamps what is decided.
    /// - Returns: the bytes of the answer or of the refusal.
    public func take(
        _ call: [UInt8], in shards: ShardMap, at now: Timestamp
    ) async throws(StepFailure) -> [UInt8] {
        let read = try read(call[...])
        do throws(ExecutionFailure) {
            return try await shards[read.slot].begin(read, at: now).finish()
        } catch { throw .notTaken(error) }
    }
}

/// One of the kinds of step or procedure that a node takes.
public struct TakenStep: Sendable {
    public let number: StepNumber
    public let name: String
    let read: @Sendable (StepCall) throws(MalformedBytes) -> ReadCall

    public static func step<Step: ShardStep>(_: Step.Type) -> TakenStep {
        TakenStep(number: Step.number, name: "\(Step.self)") { call throws(MalformedBytes) in
            let step = try Step(decoding: call.step)
            return ReadCall(slot: step.slot) { shard, now throws(ExecutionFailure) in
                let receipt = try shard.perform(step, at: now, by: call.actor)
                return BegunCall { () async throws(ExecutionFailure) in
                    StepReply(try await shard.answer(of: receipt)).encoded()
                }
            }
        }
    }
}

/// A step or procedure that a peer asks for: read, and not begun.
public struct ReadCall: Sendable {
    public let slot: Slot
    let begin: @Sendable (isolated Shard, Timestamp) throws(ExecutionFailure) -> BegunCall
}

/// A step that has been decided, or a procedure that may be performed.
public struct BegunCall: Sendable {
    /// Answers with the bytes of the answer or of the refusal, once everything that it rests on is committed.
    public let finish: @Sendable () async throws(ExecutionFailure) -> [UInt8]
}

extension Shard {
    /// Begins what a peer asks for, if this node leads the shard. Steps are decided in the order of their beginnings.
    ///
    /// - Parameter now: this node's clock, which stamps what is decided.
    public func begin(_ call: ReadCall, at now: Timestamp) throws(ExecutionFailure) -> BegunCall {
        try call.begin(self, now)
    }
}

/// Why a peer's step has no answer.
public enum StepFailure: Error, Hashable, Sendable {
    /// No step that this node takes has the number.
    case unknownStep(StepNumber)
    /// The bytes are no call, or no step of its number.
    case malformed(MalformedBytes)
    case notTaken(ExecutionFailure)
}
