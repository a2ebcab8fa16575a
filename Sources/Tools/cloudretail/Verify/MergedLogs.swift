import Audit
import EventSourcing
import Snapshots
import Storage

/// A log that can be judged: of a data directory, or of a snapshot.
protocol AuditedLog: Sendable {
    var shard: ShardID { get }
    /// The first record that it still holds.
    var first: LogIndex { get }
    /// The last that is committed.
    var end: LogIndex { get }

    /// Committed records from `next` on, in order, about as many as are asked for; none at the end.
    func records(from next: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord]
}

extension OfflineLog: AuditedLog {}

extension SnapshotLog: AuditedLog {
    /// Those of one chunk, which is about as many.
    func records(from next: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try records(from: next)
    }
}

/// The records of all shards, about as they came in, by their time.
struct MergedLogs {
    private static let recordsAtOnceMax = 4_096
    /// Of all shards together.
    private static let bytesAtOnceMax = 16 << 20
    /// Of one batch, which two threads hand over.
    private static let batchRecordsMax = 512
    private static let batchBytesMax = 1 << 20

    private var readers: [LogReader] = []

    /// - Parameter others: one a shard, from which it goes on behind the end of the first.
    init(_ logs: [any AuditedLog], continuedBy others: [any AuditedLog]) throws {
        for (log, other) in zip(logs, others) {
            let bytesMax = Self.bytesAtOnceMax / logs.count
            var reader = LogReader(log, then: other, countMax: Self.recordsAtOnceMax, bytesMax: bytesMax)
            try reader.fill()
            readers.append(reader)
        }
    }

    /// The next records; nil behind the last.
    mutating func next() throws -> [AuditedRecord]? {
        var (batch, bytes) = ([AuditedRecord](), 0)
        while batch.count < Self.batchRecordsMax, bytes < Self.batchBytesMax, let place = earliest,
            let record = readers[place].take()
        {
            bytes += record.bytes.count
            batch.append(AuditedRecord(record, of: readers[place].shard))
            try readers[place].fill()
        }
        return batch.isEmpty ? nil : batch
    }

    /// The place of the reader whose next record is the oldest; nil when all are at their ends.
    private var earliest: Int? {
        var earliest: (place: Int, time: Timestamp)?
        for place in readers.indices {
            guard let time = readers[place].time, earliest.map({ time < $0.time }) ?? true else { continue }
            earliest = (place, time)
        }
        return earliest?.place
    }
}

/// Reads one shard's log from record to record, and behind its end another node's log of that shard.
private struct LogReader {
    private let log: any AuditedLog
    private let other: any AuditedLog
    private let countMax: Int
    private let bytesMax: Int
    private var next: LogIndex
    /// Read and not taken, the next one last.
    private var waiting: [JournalRecord] = []

    init(_ log: any AuditedLog, then other: any AuditedLog, countMax: Int, bytesMax: Int) {
        self.log = log
        self.other = other
        self.countMax = countMax
        self.bytesMax = bytesMax
        next = log.first
    }

    var shard: ShardID { log.shard }
    /// Of the next record; nil at the end.
    var time: Timestamp? { waiting.last?.time }

    mutating func take() -> JournalRecord? { waiting.popLast() }

    /// Reads on when nothing waits.
    mutating func fill() throws {
        while waiting.isEmpty, next <= max(log.end, other.end) {
            let log = next <= log.end ? log : other
            waiting = try log.records(from: next, countMax: countMax, bytesMax: bytesMax).reversed()
            next = waiting.first?.index.next ?? log.end.next
        }
    }
}
