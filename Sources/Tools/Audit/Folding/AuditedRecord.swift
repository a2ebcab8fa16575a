import ActorSystem
import EventSourcing

/// A record of a shard's log, taken apart: any thread does that, and a fold takes the record when its turn comes.
public struct AuditedRecord: Sendable {
    let shard: ShardID
    let index: LogIndex
    let time: Timestamp
    let body: Result<RecordBody, MalformedBytes>

    public init(_ record: JournalRecord, of shard: ShardID) {
        self.shard = shard
        index = record.index
        time = record.time
        body = Result { () throws(MalformedBytes) in try RecordBody(record.bytes) }
    }
}
