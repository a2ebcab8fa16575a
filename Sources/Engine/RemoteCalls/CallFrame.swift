import ActorSystem
import EventSourcing
import Wire

/// Names one call of one node, so that its reply finds the caller. A node draws where its numbers begin: a reply to a
/// call that it made before a restart names none of its calls.
struct CallNumber: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt64
}

/// What two nodes say to each other on the stream of calls.
///
///     call    1, number (8), target (1), shard (2), the argument
///     reply   2, number (8), what the target returned
///     refusal 3, number (8), why (1)
enum CallFrame: Sendable {
    case call(CallNumber, TargetNumber, ShardID, argument: ArraySlice<UInt8>)
    case reply(CallNumber, ArraySlice<UInt8>)
    /// The target has not been called: nothing has happened.
    case refusal(CallNumber, CallRefusal)

    /// What a frame has beside the argument or the reply.
    static let headBytes = 12

    static func call(
        _ number: CallNumber, _ target: TargetNumber, _ shard: ShardID, _ argument: [UInt8]
    ) -> [UInt8] {
        frame(1, number, argument.count) { writer in
            writer.write(target.rawValue)
            writer.write(shard.rawValue)
            writer.writeRaw(argument)
        }
    }

    static func reply(_ number: CallNumber, _ value: some WireCodable) -> [UInt8] {
        var bytes = frame(2, number, 64) { _ in }
        value.encode(into: &bytes)
        return bytes
    }

    static func refusal(_ number: CallNumber, _ refusal: CallRefusal) -> [UInt8] {
        frame(3, number, 1) { $0.write(refusal.rawValue) }
    }

    private static func frame(
        _ kind: UInt8, _ number: CallNumber, _ bytesExpected: Int, _ write: (inout RecordWriter) -> Void
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headBytes + bytesExpected)
        RecordWriter.append(to: &bytes) { writer in
            writer.write(kind)
            writer.write(number.rawValue)
            write(&writer)
        }
        return bytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        var reader = RecordReader(bytes[...])
        do throws(ReadFailure) {
            let kind = try reader.readByte()
            let number = CallNumber(rawValue: try reader.readUInt64())
            switch kind {
            case 1:
                let target = TargetNumber(rawValue: try reader.readByte())
                let shard = ShardID(try reader.readUInt16())
                self = .call(number, target, shard, argument: try reader.readRaw(reader.remaining))
            case 2: self = .reply(number, try reader.readRaw(reader.remaining))
            case 3:
                guard let refusal = CallRefusal(rawValue: try reader.readByte()) else {
                    throw ReadFailure(.outOfRange, at: reader.offset)
                }
                try reader.finish()
                self = .refusal(number, refusal)
            default: throw ReadFailure(.outOfRange, at: 0)
            }
        } catch {
            throw MalformedBytes("no frame of a call", at: error.offset)
        }
    }
}

/// Why a node has not performed a call.
enum CallRefusal: UInt8, Error, CaseIterable, Sendable {
    /// The caller has as many calls under way as it may.
    case full = 1
    /// This node has no such target, or the argument is not the target's.
    case unknownTarget = 2
    /// This node's shards are not rebuilt yet, or it stops.
    case notServing = 3
}
