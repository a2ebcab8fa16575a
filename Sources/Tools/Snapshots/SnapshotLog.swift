import Consensus
import EventSourcing
import LogFormat
import Storage

/// The log of one shard as it lies in a snapshot.
public struct SnapshotLog: Sendable {
    public let shard: ShardID
    private let file: SnapshotFile
    private let numbers: [Int]

    init(of shard: ShardID, in file: SnapshotFile) {
        self.shard = shard
        self.file = file
        numbers = file.numbers(.entries, of: shard)
    }

    private var bounds: LogBounds { file.header.shards[Int(shard.rawValue)] }
    /// The first that it holds.
    public var first: LogIndex { LogIndex(bounds.base.index.next.rawValue) }
    public var end: LogIndex { LogIndex(bounds.end.index.rawValue) }

    /// Records from `next` on, in order, those of one chunk; none at the end.
    ///
    /// - Throws: which chunk is damaged or missing.
    public func records(from next: LogIndex) throws(SnapshotFailure) -> [JournalRecord] {
        var next = max(next, first)
        while next <= end {
            let key = withUnsafeBytes(of: next.rawValue.bigEndian) { Array($0) }
            let number = numbers.last { !key.lexicographicallyPrecedes(file.places[$0].first) }
            guard let number else { throw missing(next) }
            let entries = try file.entries(of: number)
            guard let last = entries.last, last.index.rawValue >= next.rawValue else { throw missing(next) }
            let records = entries.filter { $0.index.rawValue >= next.rawValue }
                .compactMap { RecordPayload.record(of: $0) }
            if !records.isEmpty { return records }
            next = LogIndex(last.index.rawValue).next
        }
        return []
    }

    private func missing(_ index: LogIndex) -> SnapshotFailure {
        .damaged(path: file.path, place: .end, reason: "record \(index) of shard \(shard) is in no chunk")
    }
}
