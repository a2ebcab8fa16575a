import ActorSystem
import EventSourcing

/// A step, an answer or a refusal that has golden bytes.
public struct StepSample: Sendable {
    /// Such as `1 step receive`: the step's number, what of it this is, and which one.
    public let label: String
    let bytes: [UInt8]
    /// Reads the bytes and writes them again.
    let again: @Sendable (ArraySlice<UInt8>) throws -> [UInt8]

    private init<Step: ShardStep, Value: WireCodable>(_: Step.Type, _ form: String, _ name: String, _ value: Value) {
        label = "\(Step.number.rawValue) \(form) \(name)"
        bytes = value.bytes
        again = { try Value(decoding: $0).bytes }
    }

    public static func step<Step: ShardStep>(_ name: String, _ step: Step) -> StepSample {
        StepSample(Step.self, "step", name, step)
    }
    public static func answer<Step: ShardStep>(_: Step.Type, _ name: String, _ answer: Step.Answer) -> StepSample {
        StepSample(Step.self, "answer", name, answer)
    }
    public static func refusal<Step: ShardStep>(_: Step.Type, _ name: String, _ refusal: Step.Refusal) -> StepSample {
        StepSample(Step.self, "refusal", name, refusal)
    }
}

extension WireCodable {
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}
