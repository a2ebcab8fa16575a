import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Says how much of a shard's log every webhook endpoint has.
struct MarkSent: ShardStep {
    let shard: ShardID
    /// Everything up to here is with all of them.
    let last: LogIndex

    static var number: StepNumber { StepNumber(rawValue: 41) }
    var slot: Slot { shard.firstSlot }

    func run(in batch: Batch) throws(Never) -> Done {
        ConsumerPosition.advance(ConsumerPositionID(.webhooks, of: shard, on: shard), to: last, in: batch)
        return Done()
    }
}

// MARK: - Bytes

extension MarkSent {
    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(shard)
            writer.write(last)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            MarkSent(shard: try fields.shard(), last: try fields.index())
        }
    }
}
