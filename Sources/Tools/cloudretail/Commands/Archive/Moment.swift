import EventSourcing
import Gateway

/// The moment to which a shop is restored.
enum Moment: Equatable, Sendable {
    /// Everything that is archived.
    case newest
    /// Everything up to this time, and this time too.
    case time(Timestamp)
    /// Exactly up to one record of one shard, and of the others what was there then.
    case record(ShardID, LogIndex)
    /// Exactly up to these.
    case position(LogPosition)

    /// Reads `2026-11-29T10:00:00Z`, `shard:index`, or the indexes of all shards with commas between; nil when it is
    /// none of them.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if let position = LogPosition(text) {
            self = .position(position)
        } else if parts.count == 2, let shard = UInt16(parts[0]), let index = LogPosition(String(parts[1])),
            index.indexes.count == 1
        {
            self = .record(ShardID(shard), index.indexes[0])
        } else if let time = Timestamp(rfc3339: text) {
            self = .time(time)
        } else {
            return nil
        }
    }
}
