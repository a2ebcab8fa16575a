import Cluster
import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// The store of a node: logs, hard states and states of all its shards in one LMDB environment.
///
/// One thread writes. All that it is handed at once becomes durable in one transaction, or none of it. After any failed
/// write nothing is written again: what is on the disk is unknown until a restart reads it.
final class NodeStore: Sendable {
    let environment: LMDBEnvironment
    let seed: UInt32
    let retention: Retention
    /// By shard.
    let logs: [ShardLog]
    private let progress: Mutex<Progress>

    /// What the writer remembers from one transaction to the next.
    struct Progress {
        var failure: StorageError?
        /// Entries at and below it may be deleted, by shard.
        var releasable: [EntryIndex]
        /// Whether a shard may have rows that a snapshot has replaced, by shard.
        var hasRemains: [Bool]
        /// Whether what lies there are rows of a snapshot that is being taken in, by shard.
        var isStaging: [Bool]
    }

    init(environment: LMDBEnvironment, seed: UInt32, retention: Retention, logs: [ShardLog]) {
        self.environment = environment
        self.seed = seed
        self.retention = retention
        self.logs = logs
        // A process that ended may have left some.
        progress = Mutex(
            Progress(
                releasable: logs.map { _ in .zero }, hasRemains: logs.map { _ in true },
                isStaging: logs.map { _ in false }))
    }

    /// Performs all of `writes`, in order, as one unit. When this returns they are durable.
    ///
    /// - Throws: once it has, every later write throws the same.
    func write(_ writes: [ShardWrite]) throws(StorageError) {
        for write in writes where write.log?.snapshot != nil {
            // Others are there already.
            guard case .held(let rows) = write.replacement else { continue }
            try beginStaging(of: write.shard)
            try stage(rows, of: write.shard)
        }
        try changing { progress throws(StorageError) in
            for write in writes where write.log?.snapshot != nil {
                progress.isStaging[Int(write.shard.rawValue)] = false
                progress.hasRemains[Int(write.shard.rawValue)] = true
            }
            try commit(writes, &progress)
        }
    }

    /// Runs `body`, which changes the database.
    func changing(_ body: (inout Progress) throws(StorageError) -> Void) throws(StorageError) {
        var progress = progress.withLock { $0 }
        if let failure = progress.failure { throw failure }
        do throws(StorageError) {
            try body(&progress)
        } catch {
            progress.failure = error
            self.progress.withLock { $0 = progress }
            throw error
        }
        self.progress.withLock { $0 = progress }
    }

    private func commit(_ writes: [ShardWrite], _ progress: inout Progress) throws(StorageError) {
        let before = logs.map(\.header)
        var headers = before
        var next = progress
        try environment.write { transaction throws(StorageError) in
            var performed = headers
            for write in writes {
                let position = Int(write.shard.rawValue)
                try perform(write, on: &performed[position], transaction)
                if let end = write.compaction { next.releasable[position] = max(next.releasable[position], end) }
            }
            let newest = writes.lazy.compactMap(\.log?.entries.last)
            let now = newest.compactMap { RecordPayload.time(of: $0) }.last ?? .zero
            for position in performed.indices {
                let shard = ShardID(UInt16(position))
                let end = next.releasable[position]
                try truncate(&performed[position], shard: shard, through: end, now: now, transaction)
                if next.hasRemains[position], !next.isStaging[position] {
                    next.hasRemains[position] = try deleteRemains(of: shard, performed[position], transaction)
                }
                guard performed[position] != before[position] else { continue }
                let bytes = performed[position].encoded(seed: seed)
                try transaction.put(bytes, in: .hard, forKey: ReplicaHeader.key(shard))
                if performed[position].base != before[position].base {
                    logs[position].willDelete(through: performed[position].base)
                }
            }
            headers = performed
        }
        progress = next
        for position in logs.indices where headers[position] != before[position] {
            logs[position].didWrite(headers[position])
        }
        for write in writes where write.log != nil {
            let log = logs[Int(write.shard.rawValue)]
            log.didWrite(write.log?.entries ?? [], isBehindSnapshot: write.log?.snapshot != nil)
        }
    }

    // MARK: - One shard's part

    private func perform(
        _ write: ShardWrite, on header: inout ReplicaHeader, _ transaction: WriteTransaction
    ) throws(StorageError) {
        if let hardState = write.log?.hardState { header.hardState = hardState }
        if let snapshot = write.log?.snapshot { try install(snapshot, of: write.shard, &header, transaction) }
        if let entries = write.log?.entries, !entries.isEmpty {
            try append(entries, to: write.shard, &header, transaction)
        }
        try apply(write.changes, to: write.shard, header.incarnation, transaction)
        if let checkpoint = write.checkpoint { header.checkpoint = checkpoint }
    }

    /// The snapshot's rows, which are staged, become current, and its log is empty. What it replaces is deleted later.
    private func install(
        _ snapshot: Snapshot, of shard: ShardID, _ header: inout ReplicaHeader, _ transaction: WriteTransaction
    ) throws(StorageError) {
        // Behind the snapshot nothing may be found at the next start.
        let first = max(header.base.index, snapshot.last.index).next
        try delete(from: first, through: header.last, of: shard, &header, transaction)
        header.base = snapshot.last
        header.last = snapshot.last.index
        header.logBytes = 0
        header.checkpoint = snapshot
        header.incarnation = header.incarnation.other
    }

    private func append(
        _ entries: [Entry], to shard: ShardID, _ header: inout ReplicaHeader, _ transaction: WriteTransaction
    ) throws(StorageError) {
        let first = entries[0].index
        precondition(first > header.base.index && first <= header.last.next, "a write left a gap in the log")
        try delete(from: first, through: header.last, of: shard, &header, transaction)
        for entry in entries {
            let key = EntryForm.key(shard, entry.index)
            if case .record(let record) = entry.payload, !record.isEmpty {
                let count = EntryForm.headerBytes + record.count
                try transaction.put(in: .log, forKey: key, count: count) {
                    EntryForm.encode(record: record, of: entry.id, shard: shard, seed: seed, into: $0)
                }
                header.logBytes += UInt64(count)
            } else {
                let bytes = EntryForm.encode(entry, shard: shard, seed: seed)
                try transaction.put(bytes, in: .log, forKey: key)
                header.logBytes += UInt64(bytes.count)
            }
            header.last = entry.index
        }
    }

    /// Deletes the end of the log.
    private func delete(
        from first: EntryIndex, through last: EntryIndex, of shard: ShardID, _ header: inout ReplicaHeader,
        _ transaction: WriteTransaction
    ) throws(StorageError) {
        var index = first
        while index <= last {
            let key = EntryForm.key(shard, index)
            let bytes = try transaction.mappedValue(in: .log, forKey: key)?.count ?? 0
            header.logBytes -= min(header.logBytes, UInt64(bytes))
            try transaction.delete(from: .log, key: key)
            index = index.next
        }
        header.last = min(header.last, first.previous)
    }

    func apply(
        _ changes: StateChanges, to shard: ShardID, _ incarnation: Incarnation, _ transaction: WriteTransaction
    ) throws(StorageError) {
        var row = StateRowForm(shard: shard, in: incarnation, key: [], seed: seed)
        try changes.visit { key, value throws(StorageError) in
            row.move(to: key, seed: seed)
            guard let value else { return try transaction.delete(from: .state, key: row.fullKey) }
            try transaction.put(in: .state, forKey: row.fullKey, count: Sealed.checksumBytes + value.count) {
                row.encode(value, into: $0)
            }
        }
    }
}
