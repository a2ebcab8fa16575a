import Cluster
import Consensus
import EventSourcing
import LogFormat

/// The store of one life of a node, over its disk.
final class SimulatedStore: LogStore, @unchecked Sendable {
    // One thread: the world's.
    let disk: SimulatedDisk
    private var failure: LogStoreFailure?
    private var numbers: UInt64 = 0

    init(_ disk: SimulatedDisk) { self.disk = disk }

    func reader(of group: GroupID) -> SimulatedLogReader {
        SimulatedLogReader(disk: disk, shard: ShardID(group.rawValue))
    }

    func stored(_ group: GroupID) throws(LogStoreFailure) -> StoredGroup {
        do {
            let header = try disk.header(of: ShardID(group.rawValue))
            return StoredGroup(hardState: header.hardState, checkpoint: header.checkpoint)
        } catch {
            throw LogStoreFailure(code: .damaged, message: error.reason)
        }
    }

    func write(_ writes: [GroupWrite]) throws(LogStoreFailure) {
        try write(
            writes.map { part in
                var write = ShardWrite(shard: ShardID(part.group.rawValue), number: 0)
                write.log = part.log
                // Consensus knows of no rows.
                if part.log?.snapshot != nil { write.replacement = .held([]) }
                write.checkpoint = part.checkpoint
                write.compaction = part.compaction
                return write
            })
    }

    func write(_ writes: [ShardWrite]) throws(LogStoreFailure) {
        if let failure { throw failure }
        do {
            for write in writes { try disk.perform(write) }
        } catch {
            throw fail(LogStoreFailure(code: .damaged, message: error.reason))
        }
    }

    /// The next write, and every one after it, fails.
    @discardableResult
    func fail(_ failure: LogStoreFailure) -> LogStoreFailure {
        self.failure = self.failure ?? failure
        return failure
    }

    /// Checks everything that is stored, as a node does before it serves.
    func verify() throws(FormatDamage) {
        for position in disk.shards.indices {
            let shard = ShardID(UInt16(position))
            let header = try disk.header(of: shard)
            var index = header.base.index.next
            while index <= header.last {
                guard let bytes = disk.bytes(of: shard, at: index) else {
                    throw FormatDamage("entry \(index) is missing")
                }
                _ = try EntryForm.term(bytes, shard: shard, index: index, seed: disk.seed)
                index = index.next
            }
            for row in disk.rows(of: shard) { _ = try disk.value(of: row, shard: shard) }
        }
    }
}

/// The log of one shard on a simulated disk. What is damaged cannot be read.
final class SimulatedLogReader: LogReader, @unchecked Sendable {
    // One thread: the world's.
    private let disk: SimulatedDisk
    private let shard: ShardID

    init(disk: SimulatedDisk, shard: ShardID) {
        self.disk = disk
        self.shard = shard
    }

    private var header: ReplicaHeader? { try? disk.header(of: shard) }
    var firstIndex: EntryIndex { disk.shards[Int(shard.rawValue)].first }
    var lastIndex: EntryIndex { firstIndex.advanced(by: disk.shards[Int(shard.rawValue)].entries.count - 1) }
    var snapshot: Snapshot? { header?.checkpoint }

    func term(at index: EntryIndex) -> Term? {
        if index == firstIndex.previous { return header?.base.term }
        guard let bytes = disk.bytes(of: shard, at: index) else { return nil }
        return try? EntryForm.term(bytes, shard: shard, index: index, seed: disk.seed)
    }

    func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        var entries: [Entry] = []
        var size = 0
        var index = range.lowerBound
        while index < range.upperBound {
            guard let bytes = disk.bytes(of: shard, at: index),
                let entry = try? EntryForm.decode(bytes, shard: shard, index: index, seed: disk.seed)
            else { return entries.isEmpty ? nil : entries }
            size += entry.byteCount
            if size > bytesMax, !entries.isEmpty { break }
            entries.append(entry)
            index = index.next
        }
        return entries
    }
}

/// The states of one shard on a simulated disk.
struct SimulatedStates: StateStore, @unchecked Sendable {
    // One thread: the world's.
    let disk: SimulatedDisk
    let shard: ShardID

    func value(forKey key: [UInt8]) throws -> [UInt8]? {
        let rows = disk.rows(of: shard)
        let (place, isThere) = SimulatedDisk.place(of: key, in: rows)
        return isThere ? try disk.value(of: rows[place], shard: shard) : nil
    }

    func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow] {
        let rows = disk.rows(of: shard)
        let first = SimulatedDisk.place(of: lower, in: rows).position
        let end = SimulatedDisk.place(of: upper, in: rows).position
        guard first < end, limit > 0 else { return [] }
        let slice =
            reversed ? Array(rows[first..<end].suffix(limit).reversed()) : Array(rows[first..<end].prefix(limit))
        return try slice.map { StateRow(key: $0.key, value: try disk.value(of: $0, shard: shard)) }
    }
}
