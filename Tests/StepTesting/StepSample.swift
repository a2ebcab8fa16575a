import ActorSystem
import EventSourcing

/// A step, an answer or a refusal that has golden bytes.
public struct StepSample: Sendable {
    /// Such as `1 step receive`: the step's number, what of it this is, and which one.
    public let label: String
    let bytes: [UInt8]
    /// Reads the bytes and writes them again.
    let again: @Sendable (ArraySlice<UInt8>) throws -> [UInt8]
    /// The value, and what is read from its bytes, as text that names every field.
    let text: String
    let textRead: @Sendable () throws -> String
    /// Counts the fields of a step. Answers hold the states of aggregates, whose fields have golden bytes of their own.
    let count: @Sendable (inout FieldCensus) -> Void

    private init<Call: LeaderCall, Value: WireCodable>(_: Call.Type, _ form: String, _ name: String, _ value: Value) {
        label = "\(Call.number.rawValue) \(form) \(name)"
        let bytes = value.bytes
        self.bytes = bytes
        again = { try Value(decoding: $0).bytes }
        text = "\(value)"
        textRead = { "\(try Value(decoding: bytes[...]))" }
        count = { if value is any LeaderCall { $0.take(value) } }
    }

    public static func step<Call: LeaderCall>(_ name: String, _ call: Call) -> StepSample {
        StepSample(Call.self, "step", name, call)
    }
    public static func answer<Call: LeaderCall>(_: Call.Type, _ name: String, _ answer: Call.Answer) -> StepSample {
        StepSample(Call.self, "answer", name, answer)
    }
    public static func refusal<Call: LeaderCall>(_: Call.Type, _ name: String, _ refusal: Call.Refusal) -> StepSample {
        StepSample(Call.self, "refusal", name, refusal)
    }
}

extension WireCodable {
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }
}
