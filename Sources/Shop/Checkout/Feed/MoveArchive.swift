import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Notes how much of a shard's log is kept outside of the cluster: retention keeps what comes behind it.
public struct MoveArchive: ShardStep {
    /// Whose log it is.
    let shard: ShardID
    /// Everything up to here is there for good.
    let last: LogIndex

    public init(shard: ShardID, last: LogIndex) {
        self.shard = shard
        self.last = last
    }

    public static var number: StepNumber { StepNumber(rawValue: 39) }
    public var slot: Slot { shard.firstSlot }

    public func run(in batch: Batch) throws(Never) -> Done {
        // What the log does not have cannot be kept anywhere.
        let last = min(last, batch.committed)
        ConsumerPosition.advance(.archive(of: shard), to: last, in: batch)
        return Done()
    }
}

extension ConsumerPositionID {
    /// How far the log of `shard` is kept outside of the cluster.
    public static func archive(of shard: ShardID) -> ConsumerPositionID {
        ConsumerPositionID(.archive, of: shard, on: shard)
    }
}

// MARK: - Bytes

extension MoveArchive {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(shard)
            writer.write(last)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            MoveArchive(shard: try fields.shard(), last: try fields.index())
        }
    }
}
