import ActorSystem
import Commerce
import EventSourcing

/// A record of a shard's log, taken apart: any thread does that, and a fold takes the record when its turn comes.
///
/// One thread hands it to the next, and has it no more.
public final class AuditedRecord: Sendable {
    let shard: ShardID
    let index: LogIndex
    let time: Timestamp
    let body: Result<RecordBody, MalformedBytes>
    /// Of a fold that takes the keys, for one that judges their orders.
    nonisolated(unsafe) var keys = KeyNotes()

    public init(_ record: JournalRecord, of shard: ShardID) {
        self.shard = shard
        index = record.index
        time = record.time
        body = Result { () throws(MalformedBytes) in try RecordBody(record.bytes) }
    }
}

/// What a record does to idempotency keys that stand for orders.
struct KeyNotes: Sendable {
    var named: [(key: IdempotencyKeyID, order: OrderID)] = []
    var givenUp: [(key: IdempotencyKeyID, order: OrderID)] = []

    var isEmpty: Bool { named.isEmpty && givenUp.isEmpty }

    /// Makes room for those of the next record.
    mutating func clear() {
        named.removeAll(keepingCapacity: true)
        givenUp.removeAll(keepingCapacity: true)
    }
}
