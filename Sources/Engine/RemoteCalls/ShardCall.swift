import ActorSystem
import EventSourcing
import Wire

/// A step or procedure on its way to the leader of its shard.
struct ShardCall: WireCodable {
    /// What a `ShardRoute` is handed.
    let bytes: ArraySlice<UInt8>
    /// It is not begun later than this. It travels as the milliseconds that are left.
    let deadline: ContinuousClock.Instant

    init(_ bytes: [UInt8], deadline: ContinuousClock.Instant) {
        self.bytes = bytes[...]
        self.deadline = deadline
    }

    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            let left = (deadline - .now).components
            writer.write(UInt32(clamping: left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000))
            writer.writeRaw(self.bytes)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        var reader = RecordReader(bytes)
        do throws(ReadFailure) {
            deadline = .now + .milliseconds(try reader.readUInt32())
            self.bytes = try reader.readRaw(reader.remaining)
        } catch {
            throw MalformedBytes("a call without a deadline", at: error.offset)
        }
    }
}
