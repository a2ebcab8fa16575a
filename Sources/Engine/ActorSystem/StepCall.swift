import EventSourcing
import Wire

/// A step or a procedure on its way to the leader: its number, the account that asks, its own bytes.
struct StepCall: Sendable {
    let number: StepNumber
    let actor: ActorID?
    let step: ArraySlice<UInt8>

    /// What asks for more than a record can hold is refused in any case. Tests hold the largest of the steps to it.
    static let bytesMax = JournalRecord.bytesMax

    init<Call: LeaderCall>(_ call: Call, by actor: ActorID?) {
        number = Call.number
        self.actor = actor
        var bytes: [UInt8] = []
        call.encode(into: &bytes)
        self.step = bytes[...]
    }

    func encoded() -> [UInt8] {
        var writer = RecordWriter()
        writer.write(number.rawValue)
        writer.writeOptional(actor) { writer, actor in
            writer.write(actor.high)
            writer.write(actor.low)
        }
        writer.writeRaw(step)
        return writer.bytes
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.count <= Self.bytesMax else { throw MalformedBytes("more bytes than a call may have", at: 0) }
        var reader = RecordReader(bytes)
        do throws(ReadFailure) {
            number = StepNumber(rawValue: try reader.readUInt16())
            actor = try reader.readBool() ? ActorID(high: try reader.readUInt64(), low: try reader.readUInt64()) : nil
            step = try reader.readRaw(reader.remaining)
        } catch {
            throw MalformedBytes("the head of a call ends early, or is none", at: error.offset)
        }
    }
}

/// What came of it, on its way back.
enum StepReply: Sendable {
    /// An answer tells of aggregates that the step has changed: none has a longer row than its record.
    static let bytesMax = JournalRecord.bytesMax

    case answered(ArraySlice<UInt8>)
    case refused(ArraySlice<UInt8>)

    init<Answer: WireCodable, Refusal: Error & WireCodable>(_ result: Result<Answer, Refusal>) {
        var bytes: [UInt8] = []
        switch result {
        case .success(let answer):
            answer.encode(into: &bytes)
            self = .answered(bytes[...])
        case .failure(let refusal):
            refusal.encode(into: &bytes)
            self = .refused(bytes[...])
        }
    }

    func encoded() -> [UInt8] {
        switch self {
        case .answered(let bytes): [1] + bytes
        case .refused(let bytes): [2] + bytes
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.count <= Self.bytesMax else { throw MalformedBytes("more bytes than a reply may have", at: 0) }
        switch bytes.first {
        case 1: self = .answered(bytes.dropFirst())
        case 2: self = .refused(bytes.dropFirst())
        default: throw MalformedBytes("neither an answer nor a refusal", at: 0)
        }
    }

    func result<Call: LeaderCall>(
        of _: Call.Type
    ) throws(MalformedBytes) -> Result<Call.Answer, Call.Refusal> {
        switch self {
        case .answered(let bytes): .success(try Call.Answer(decoding: bytes))
        case .refused(let bytes): .failure(try Call.Refusal(decoding: bytes))
        }
    }
}
