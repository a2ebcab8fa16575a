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

    /// Takes the step that a peer sent, on the shard of its slot, and says what came of it.
    ///
    /// - Parameters:
    ///   - call: the bytes that the peer's `ShardRoute` was handed.
    ///   - now: this node's clock, which stamps what is decided.
    /// - Returns: the bytes of the answer or of the refusal.
    /// - Throws: `unknownStep` before anything of the step is decoded.
    public func take(
        _ call: [UInt8], in shards: ShardMap, at now: Timestamp
    ) async throws(StepFailure) -> [UInt8] {
        let read: StepCall
        do throws(MalformedBytes) { read = try StepCall(decoding: call[...]) } catch { throw .malformed(error) }
        guard let step = steps[read.number] else { throw .unknownStep(read.number) }
        return try await step.take(read, shards, now).encoded()
    }
}

/// One of the kinds of step or procedure that a node takes.
public struct TakenStep: Sendable {
    public let number: StepNumber
    public let name: String
    let take: @Sendable (StepCall, ShardMap, Timestamp) async throws(StepFailure) -> StepReply

    public static func step<Step: ShardStep>(_: Step.Type) -> TakenStep {
        TakenStep(number: Step.number, name: "\(Step.self)") { call, shards, now async throws(StepFailure) in
            let step: Step
            do throws(MalformedBytes) { step = try Step(decoding: call.step) } catch { throw .malformed(error) }
            do throws(ExecutionFailure) {
                return StepReply(try await shards[step.slot].runHere(step, at: now, by: call.actor))
            } catch { throw .notTaken(error) }
        }
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
