import EventSourcing
import LogFormat

extension LogRecord {
    /// Reads the record that should lie at `shard` and `index`.
    static func stored(
        _ bytes: UnsafeRawBufferPointer, shard: ShardID, index: LogIndex, seed: UInt32
    ) throws(StorageError) -> LogRecord {
        do {
            return try decode(bytes, shard: shard, index: index, seed: seed)
        } catch {
            throw .corruptRecord(shard: shard.rawValue, index: index.rawValue, reason: error.reason)
        }
    }

    /// The time of the record that should lie at `shard` and `index`, which is checked as a whole.
    static func storedTime(
        _ bytes: UnsafeRawBufferPointer, shard: ShardID, index: LogIndex, seed: UInt32
    ) throws(StorageError) -> Timestamp {
        do {
            return try checkedHeader(bytes, shard: shard, index: index, seed: seed).time
        } catch {
            throw .corruptRecord(shard: shard.rawValue, index: index.rawValue, reason: error.reason)
        }
    }
}
