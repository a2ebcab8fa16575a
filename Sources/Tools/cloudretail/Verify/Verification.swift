import Audit
import EventSourcing
import Storage

/// Folds a data directory's logs offline and judges every record (`ShopAudit`).
///
/// The records of all shards are taken about as they came in, by their time: what one shard asks of another is then
/// soon followed by what the other did, and little has to be remembered in between.
struct Verification {
    private(set) var audit: ShopAudit
    /// What was found missing before it could be judged.
    private var missing: [String] = []

    private static let recordsAtOnceMax = 4_096
    /// Of all shards together.
    private static let bytesAtOnceMax = 16 << 20

    init(_ directory: DataDirectory) throws {
        audit = ShopAudit(shards: directory.journals.count)
        var readers: [LogReader] = []
        for (journal, states) in zip(directory.journals, directory.states) {
            let first = directory.firstIndices[Int(journal.shard.rawValue)]
            if first > LogIndex(1) { try audit.begin(states, of: journal.shard) }
            readers.append(
                LogReader(
                    journal, from: first, countMax: Self.recordsAtOnceMax,
                    bytesMax: Self.bytesAtOnceMax / directory.journals.count))
        }
        try fold(&readers)
        for (journal, states) in zip(directory.journals, directory.states) {
            try audit.compare(states, of: journal.shard)
        }
        audit.finish(ends: directory.journals.map(\.committed))
    }

    private mutating func fold(_ readers: inout [LogReader]) throws {
        for place in readers.indices { try fill(&readers[place]) }
        while let place = Self.earliest(of: readers) {
            guard let record = readers[place].take() else { return }
            audit.take(record, of: readers[place].shard)
            try fill(&readers[place])
        }
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

    private mutating func fill(_ reader: inout LogReader) throws {
        if let index = try reader.fill() { missing.append("shard \(reader.shard): record \(index) is missing") }
    }

    var isSound: Bool { audit.findings.isEmpty && missing.isEmpty }
    var problemCount: Int { audit.findings.count + missing.count }
    /// What was found wrong, in words that name the record; the first so many.
    var problems: [String] { missing + audit.findings.first.map(\.description) }
}

/// Reads one shard's log from record to record.
private struct LogReader {
    private let journal: ShardJournal
    private let countMax: Int
    private let bytesMax: Int
    private var next: LogIndex
    /// Read and not taken, the next one last.
    private var waiting: [JournalRecord] = []

    init(_ journal: ShardJournal, from first: LogIndex, countMax: Int, bytesMax: Int) {
        self.journal = journal
        self.countMax = countMax
        self.bytesMax = bytesMax
        next = first
    }

    var shard: ShardID { journal.shard }
    /// Of the next record; nil at the end.
    var time: Timestamp? { waiting.last?.time }

    mutating func take() -> JournalRecord? { waiting.popLast() }

    /// Reads on when nothing waits.
    ///
    /// - Returns: the index that should be there and is not.
    mutating func fill() throws -> LogIndex? {
        guard waiting.isEmpty, next <= journal.committed else { return nil }
        waiting = try journal.records(from: next, countMax: countMax, bytesMax: bytesMax).reversed()
        guard let last = waiting.first else {
            let missing = next
            next = journal.committed.next
            return missing
        }
        next = last.index.next
        return nil
    }
}
