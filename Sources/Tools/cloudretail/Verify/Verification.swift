import ActorSystem
import Audit
import Checkout
import EventSourcing
import Snapshots
import Storage

/// Folds a data directory's logs offline and judges every record (`ShopAudit`).
///
/// The records of all shards are taken about as they came in, by their time: what one shard asks of another is then
/// soon followed by what the other did, and little has to be remembered in between. Two threads fold a part each.
struct Verification {
    private(set) var audit: ShopAudit

    private static let recordsAtOnceMax = 4_096
    /// Of all shards together.
    private static let bytesAtOnceMax = 16 << 20

    /// - Parameter others: logs of other nodes, one a shard, from which the fold goes on behind this one's end.
    /// - Throws: `StorageError` that names a record or a state which is missing or damaged.
    init(_ directory: OfflineDirectory, continuedBy others: [OfflineLog]? = nil) throws {
        let logs = directory.logs
        try self.init(logs: logs, continuedBy: others ?? logs) { directory.states }
        for (log, states) in zip(logs, directory.states) {
            try audit.compareRowsBeside(states, kinds: OwnedKind.all, of: log.shard)
        }
    }

    /// What a snapshot's shards do not know of each other is no problem of it: a restore settles that.
    ///
    /// - Throws: `SnapshotFailure` that names a chunk which has become damaged since the file was opened.
    init(_ snapshot: SnapshotFile) throws {
        let logs = snapshot.logs
        try self.init(logs: logs, continuedBy: logs, isReplica: true) { snapshot.states }
    }

    /// - Parameter states: stores for one reader, one a shard.
    private init(
        logs: [any AuditedLog], continuedBy others: [any AuditedLog], isReplica: Bool = false,
        states: @Sendable () -> [any StateStore]
    ) throws {
        let parts = try [ShopAudit.Part.others, .catalogue].concurrentMap { part in
            try Self.fold(part, of: logs, states(), continuedBy: others)
        }
        audit = parts[0]
        audit.join(parts[1])
        audit.finish(ends: zip(logs, others).map { max($0.end, $1.end) }, isReplica: isReplica)
    }

    private static func fold(
        _ part: ShopAudit.Part, of logs: [any AuditedLog], _ states: [any StateStore],
        continuedBy others: [any AuditedLog]
    ) throws -> ShopAudit {
        var audit = ShopAudit(shards: logs.count, part: part)
        var readers: [LogReader] = []
        for ((log, states), other) in zip(zip(logs, states), others) {
            if log.first > LogIndex(1) { try audit.begin(states, of: log.shard) }
            readers.append(
                LogReader(log, then: other, countMax: recordsAtOnceMax, bytesMax: bytesAtOnceMax / logs.count))
        }
        for place in readers.indices { try readers[place].fill() }
        while let place = earliest(of: readers), let record = readers[place].take() {
            audit.take(record, of: readers[place].shard)
            try readers[place].fill()
        }
        for (log, states) in zip(logs, states) { try audit.compare(states, of: log.shard) }
        return audit
    }

    /// The place of the reader whose next record is the oldest; nil when all are at their ends.
    private static func earliest(of readers: [LogReader]) -> Int? {
        var earliest: (place: Int, time: Timestamp)?
        for place in readers.indices {
            guard let time = readers[place].time, earliest.map({ time < $0.time }) ?? true else { continue }
            earliest = (place, time)
        }
        return earliest?.place
    }

    var isSound: Bool { audit.findings.isEmpty }
    var problemCount: Int { audit.findings.count }
    /// What was found wrong, in words that name the record; the first so many.
    var problems: [String] { audit.findings.first.map(\.description) }
}

/// A log that can be judged: of a data directory, or of a snapshot.
private protocol AuditedLog: Sendable {
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
    fileprivate func records(from next: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try records(from: next)
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
