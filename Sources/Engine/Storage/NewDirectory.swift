import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// A data directory that is filled before any node opens it: with the logs and states of another cluster, under an
/// identity of its own.
///
/// The identity and the headers are written last: a directory whose filling was cut short is a damaged one to every
/// reader, and never an empty shop.
public final class NewDirectory: Sendable {
    private let environment: LMDBEnvironment
    private let lock: DirectoryLock
    private let identity: DirectoryIdentity
    /// By shard.
    private let headers: Mutex<[ReplicaHeader]>

    /// - Parameters:
    ///   - path: where there is nothing yet.
    ///   - bases: of each shard's log, in the order of their ids, the entry before its first.
    public init(path: String, founding: Founding, bases: [EntryID]) throws(StorageError) {
        try makeDirectory(path)
        lock = try DirectoryLock(directory: path)
        identity = try founding.identity(shards: bases.count)
        environment = try LMDBEnvironment(path: path)
        headers = Mutex(
            bases.map { base in
                var header = ReplicaHeader()
                header.base = base
                header.last = base.index
                return header
            })
    }

    /// Puts pieces in, all of them in one transaction.
    ///
    /// - Throws: ``StorageError/missingRecord(shard:index:)`` unless entries follow what is there.
    public func put(_ pieces: [DirectoryPiece]) throws(StorageError) {
        try headers.withLock { headers throws(StorageError) in
            var next = headers
            try environment.write { transaction throws(StorageError) in
                for piece in pieces {
                    switch piece {
                    case .entries(let entries, let shard):
                        try put(entries, of: shard, &next[Int(shard.rawValue)], in: transaction)
                    case .rows(let rows, let shard): try put(rows, of: shard, in: transaction)
                    }
                }
            }
            headers = next
        }
    }

    private func put(
        _ entries: [Entry], of shard: ShardID, _ header: inout ReplicaHeader, in transaction: WriteTransaction
    ) throws(StorageError) {
        for entry in entries {
            guard entry.index == header.last.next else {
                throw .missingRecord(shard: shard.rawValue, index: header.last.next.rawValue)
            }
            header.logBytes += UInt64(try put(entry, of: shard, in: transaction))
            header.last = entry.index
        }
    }

    /// - Returns: the bytes that it takes.
    private func put(
        _ entry: Entry, of shard: ShardID, in transaction: WriteTransaction
    ) throws(StorageError) -> Int {
        let (key, seed) = (EntryForm.key(shard, entry.index), identity.checksumSeed)
        if case .record(let record) = entry.payload, !record.isEmpty {
            let count = EntryForm.headerBytes + record.count
            try transaction.append(in: .log, forKey: key, count: count) {
                EntryForm.encode(record: record, of: entry.id, shard: shard, seed: seed, into: $0)
            }
            return count
        }
        let bytes = EntryForm.encode(entry, shard: shard, seed: seed)
        try transaction.append(in: .log, forKey: key, count: bytes.count) { $0.copyBytes(from: bytes) }
        return bytes.count
    }

    private func put(_ rows: PackedRows, of shard: ShardID, in transaction: WriteTransaction) throws(StorageError) {
        var form = StateRowForm(shard: shard, key: [], seed: identity.checksumSeed)
        try rows.forEach { key, value throws(StorageError) in
            form.move(to: key, seed: identity.checksumSeed)
            try transaction.append(in: .state, forKey: form.fullKey, count: Sealed.checksumBytes + value.count) {
                form.encode(value, into: $0)
            }
        }
    }

    /// Says what the directory is: the members of every shard are the founders, and all of the logs is committed.
    ///
    /// - Parameter bounds: of each shard's log, in the order of their ids.
    /// - Throws: ``StorageError/missingRecord(shard:index:)`` when a log is shorter than its bounds.
    public func finish(at bounds: [LogBounds]) throws(StorageError) {
        guard let membership = Membership(voters: identity.founders) else {
            throw .impossibleFounding(node: identity.node.rawValue, founders: identity.founders.map(\.rawValue))
        }
        var headers = headers.withLock { $0 }
        for (shard, bounds) in bounds.enumerated() {
            guard headers[shard].last == bounds.end.index else {
                throw .missingRecord(shard: UInt16(shard), index: headers[shard].last.next.rawValue)
            }
            headers[shard].hardState = HardState(term: bounds.end.term, vote: nil, commit: bounds.end.index)
            headers[shard].checkpoint = Snapshot(last: bounds.checkpoint, membership: membership)
        }
        try environment.write { transaction throws(StorageError) in
            for (shard, header) in headers.enumerated() {
                let key = ReplicaHeader.key(ShardID(UInt16(shard)))
                try transaction.put(header.encoded(seed: identity.checksumSeed), in: .hard, forKey: key)
            }
            try transaction.put(identity.encoded(), in: .hard, forKey: DirectoryIdentity.key)
        }
    }

    /// Closes what was opened, finished or not.
    public func close() {
        environment.close()
        lock.release()
    }
}
