import Consensus
import EventSourcing
import LogFormat

/// The data directory of a node that does not run, to be read as it lies there, in any format ever written.
public final class OfflineDirectory: Sendable {
    /// One log a shard, in the order of their ids.
    public let logs: [OfflineLog]
    public let states: [ShardStateStore]
    public var identity: DirectoryIdentity { directory.identity }
    let directory: OpenDirectory

    /// Opens the directory at `path`, which no node may have open.
    public init(path: String) throws(StorageError) {
        let directory = try OpenDirectory(path: path, shards: nil, creating: false)
        self.directory = directory
        states = directory.states
        logs = directory.logs.map { log in
            OfflineLog(log, of: directory)
        }
    }

    public func close() { directory.close() }
}

/// The log of one shard as a node left it.
public struct OfflineLog: Sendable {
    public let shard: ShardID
    /// The first that it still holds.
    public let first: LogIndex
    /// The last that is committed.
    public let end: LogIndex
    /// At and below it the states have everything.
    public let checkpoint: LogIndex
    private let environment: LMDBEnvironment
    private let seed: UInt32

    fileprivate init(_ log: ShardLog, of directory: OpenDirectory) {
        let header = log.header
        shard = log.shard
        first = LogIndex(header.base.index.next.rawValue)
        end = LogIndex(header.committed(on: directory.identity.node).rawValue)
        checkpoint = LogIndex(header.checkpoint?.last.index.rawValue ?? 0)
        environment = directory.environment
        seed = directory.identity.checksumSeed
    }

    /// Committed records from `next` on, in order, at most `countMax` and about `bytesMax`; none at the end.
    ///
    /// - Throws: which record is missing or damaged.
    public func records(
        from next: LogIndex, countMax: Int, bytesMax: Int
    ) throws(StorageError) -> [JournalRecord] {
        var next = EntryIndex(max(next, first).rawValue)
        let end = EntryIndex(end.rawValue).next
        var records: [JournalRecord] = []
        var bytes = 0
        while next < end, records.count < countMax, bytes < bytesMax {
            let entries = try environment.entries(
                of: shard, in: next..<end, bytesMax: min(bytesMax - bytes, Self.bytesAtOnceMax), seed: seed)
            for entry in entries where records.count < countMax {
                next = entry.index.next
                guard let record = RecordPayload.record(of: entry) else { continue }
                records.append(record)
                bytes += record.bytes.count
            }
        }
        return records
    }

    /// Where two nodes have committed different entries.
    public struct Parting: Equatable, Sendable {
        public let index: LogIndex
        /// Of this log's entry there, and of the other's.
        public let term: UInt64
        public let termOfOther: UInt64
    }

    /// The first index at which this log and another node's have committed different entries; nil when they agree as
    /// far as both go.
    ///
    /// - Throws: which record is missing or damaged.
    public func parting(from other: OfflineLog) throws(StorageError) -> Parting? {
        var next = EntryIndex(max(first, other.first).rawValue)
        let end = EntryIndex(min(self.end, other.end).rawValue).next
        while next < end {
            let here = try entries(in: next..<end)
            let there = try other.entries(in: next..<end)
            if let (one, another) = zip(here, there).first(where: { $0 != $1 }) {
                return Parting(
                    index: LogIndex(one.index.rawValue), term: one.term.rawValue, termOfOther: another.term.rawValue)
            }
            next = next.advanced(by: min(here.count, there.count))
        }
        return nil
    }

    private func entries(in range: Range<EntryIndex>) throws(StorageError) -> [Entry] {
        try environment.entries(of: shard, in: range, bytesMax: Self.bytesAtOnceMax, seed: seed)
    }

    /// Entries read in one look at the database.
    private static let bytesAtOnceMax = 1 << 20
}
