import ActorSystem
import Consensus
import EventSourcing
import Wire

/// What a node says to a call on a shard.
struct LeaderReply: WireCodable, Equatable {
    enum Content: Equatable, Sendable {
        /// The bytes of the step's answer or refusal.
        case replied(ArraySlice<UInt8>)
        case failed(ExecutionFailure)
        /// This node does not lead the shard; as far as it knows that one does. Nothing has happened.
        case notLeading(NodeID?)
        /// The deadline had passed before the call was begun. Nothing has happened.
        case late
        /// This node takes no step of this number. Nothing has happened.
        case unknownStep(StepNumber)
        /// The bytes are no call, or no step of its number. Nothing has happened.
        case malformed
    }

    let content: Content
    init(_ content: Content) { self.content = content }
}

// MARK: - Bytes

/// A byte that says which it is, and what belongs to it.
extension LeaderReply {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch content {
            case .replied(let reply):
                writer.write(1 as UInt8)
                writer.writeRaw(reply)
            case .failed(let failure):
                writer.write(2 as UInt8)
                writer.write(failure)
            case .notLeading(let leader):
                writer.write(3 as UInt8)
                writer.writeOptional(leader) { $0.write($1.rawValue) }
            case .late: writer.write(4 as UInt8)
            case .unknownStep(let number):
                writer.write(5 as UInt8)
                writer.write(number.rawValue)
            case .malformed: writer.write(6 as UInt8)
            }
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        var reader = RecordReader(bytes)
        do throws(ReadFailure) {
            switch try reader.readByte() {
            case 1: content = .replied(try reader.readRaw(reader.remaining))
            case 2: content = .failed(try reader.readExecutionFailure())
            case 3: content = .notLeading(try reader.readBool() ? NodeID(try reader.readUInt64()) : nil)
            case 4: content = .late
            case 5: content = .unknownStep(StepNumber(rawValue: try reader.readUInt16()))
            case 6: content = .malformed
            default: throw ReadFailure(.outOfRange, at: 0)
            }
            try reader.finish()
        } catch {
            throw MalformedBytes("no reply of a leader", at: error.offset)
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ failure: ExecutionFailure) {
        switch failure {
        case .outcomeUnknown: write(0 as UInt8)
        case .refused(.full): write(1 as UInt8)
        case .refused(.recordTooLarge(let bytesMax)):
            write(2 as UInt8)
            write(UInt32(clamping: bytesMax))
        case .refused(.storageFull): write(3 as UInt8)
        case .refused(.closed): write(4 as UInt8)
        case .refused(.newerThanCluster): write(5 as UInt8)
        }
    }
}

extension RecordReader {
    fileprivate mutating func readExecutionFailure() throws(ReadFailure) -> ExecutionFailure {
        switch try readByte() {
        case 0: .outcomeUnknown
        case 1: .refused(.full)
        case 2: .refused(.recordTooLarge(bytesMax: Int(try readUInt32())))
        case 3: .refused(.storageFull)
        case 4: .refused(.closed)
        case 5: .refused(.newerThanCluster)
        default: throw ReadFailure(.outOfRange, at: offset - 1)
        }
    }
}
