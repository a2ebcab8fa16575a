import DequeModule
import EventSourcing

/// The newest committed records of a shard, still in memory: a follower close to the end of the log reads them here and
/// not from the disk, where each reader would pay for the checksum and a copy.
struct RecentRecords {
    /// A second or two of a busy shard, and half a gibibyte for a node of 64 busy shards. Past either limit the oldest
    /// go.
    static let countMax = 32_768
    static let bytesMax = 8 << 20

    /// Contiguous and ascending.
    private var records = Deque<JournalRecord>()
    private var bytes = 0

    mutating func append(_ record: JournalRecord) {
        records.append(record)
        bytes += record.bytes.count
        while bytes > Self.bytesMax || records.count > Self.countMax, let first = records.popFirst() {
            bytes -= first.bytes.count
        }
    }

    /// The log no longer holds what lies before `first`.
    mutating func drop(before first: LogIndex) {
        while let oldest = records.first, oldest.index < first {
            records.removeFirst()
            bytes -= oldest.bytes.count
        }
    }

    /// Records from `first` on, at most `countMax` and about `bytesMax`; nil when the first of them has gone.
    func read(from first: LogIndex, countMax: Int, bytesMax: Int) -> [JournalRecord]? {
        guard let oldest = records.first?.index, oldest <= first else { return nil }
        let start = Int(first.rawValue - oldest.rawValue)
        var end = start
        var taken = 0
        while end < records.count, end - start < countMax, taken < bytesMax {
            taken += records[end].bytes.count
            end += 1
        }
        return start < end ? Array(records[start..<end]) : []
    }
}
