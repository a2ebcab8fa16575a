import Consensus
import EventSourcing
import LogFormat
import Wire

/// What the store deletes: little by little, so that no commit waits for a clean-up.
extension NodeStore {
    /// Rows that a snapshot brings or replaces, written or deleted in one transaction at most.
    static let rowsPerCommitMax = 8_192

    /// Deletes the oldest entries that retention does not keep and no follower needs.
    func truncate(
        _ header: inout ReplicaHeader, shard: ShardID, through end: EntryIndex, now: Timestamp,
        _ transaction: WriteTransaction
    ) throws(StorageError) {
        guard retention != .everything else { return }
        let hold = logs[Int(shard.rawValue)].hold
        for _ in 0..<Retention.recordsPerCommitMax where header.base.index < min(end, header.last) {
            let index = header.base.index.next
            if let hold, hold.keeps(index, logBytes: header.logBytes) { return }
            let key = EntryForm.key(shard, index)
            guard let value = try transaction.mappedValue(in: .log, forKey: key) else {
                throw .missingRecord(shard: shard.rawValue, index: index.rawValue)
            }
            let entry = try Entry.stored([UInt8](copying: value), shard: shard, index: index, seed: seed)
            let bytes = UInt64(value.count)
            guard bytes <= header.logBytes else { throw .corruptHeader(name: "shard \(shard)") }
            // An entry that is no record goes with what lies before it.
            let time = RecordPayload.time(of: entry) ?? .zero
            guard retention.releases(recordOf: time, now: now, logBytes: header.logBytes) else { return }
            try transaction.delete(from: .log, key: key)
            header.base = entry.id
            header.logBytes -= bytes
        }
    }

    // MARK: - Snapshots

    /// Makes place for the rows of a snapshot: what an earlier one has left there is deleted.
    func beginStaging(of shard: ShardID) throws(StorageError) {
        try changing { progress throws(StorageError) in
            progress.isStaging[Int(shard.rawValue)] = true
            let incarnation = logs[Int(shard.rawValue)].incarnation.other
            var isEmpty = false
            while !isEmpty {
                try environment.write { transaction throws(StorageError) in
                    isEmpty = try delete(StateRowForm.fullKey(shard, incarnation, []), from: .state, transaction)
                }
            }
        }
    }

    /// Writes rows of a snapshot where they are not current. A crash before the header names them leaves the shard as
    /// it was; the next start deletes them.
    func stage(_ rows: [StateRow], of shard: ShardID) throws(StorageError) {
        try changing { _ throws(StorageError) in
            let incarnation = logs[Int(shard.rawValue)].incarnation.other
            for start in stride(from: 0, to: rows.count, by: Self.rowsPerCommitMax) {
                try environment.write { transaction throws(StorageError) in
                    let rows = rows[start..<min(start + Self.rowsPerCommitMax, rows.count)]
                    let changes = StateChanges(rows.lazy.map { StateChange(key: $0.key, value: $0.value) })
                    try apply(changes, to: shard, incarnation, transaction)
                }
            }
        }
    }

    /// Deletes some of what a snapshot has replaced: rows that are not current, and entries before the log's first.
    ///
    /// - Returns: whether there may be more.
    func deleteRemains(
        of shard: ShardID, _ header: ReplicaHeader, _ transaction: WriteTransaction
    ) throws(StorageError) -> Bool {
        let rows = StateRowForm.fullKey(shard, header.incarnation.other, [])
        guard try delete(rows, from: .state, transaction) else { return true }
        let end = EntryForm.key(shard, header.base.index.next)
        let keys = try transaction.keys(
            in: .log, from: EntryForm.key(shard, .zero), below: end, countMax: Self.rowsPerCommitMax)
        for key in keys { try transaction.delete(from: .log, key: key) }
        return keys.count == Self.rowsPerCommitMax
    }

    /// Deletes rows whose keys begin with `prefix`.
    ///
    /// - Returns: whether none is left.
    private func delete(
        _ prefix: [UInt8], from database: LMDBEnvironment.Database, _ transaction: WriteTransaction
    ) throws(StorageError) -> Bool {
        var end = prefix
        // The number of a shard is never the last that two bytes hold.
        end[1] &+= 1
        if end[1] == 0 { end[0] += 1 }
        let keys = try transaction.keys(in: database, from: prefix, below: end, countMax: Self.rowsPerCommitMax)
        for key in keys { try transaction.delete(from: database, key: key) }
        return keys.count < Self.rowsPerCommitMax
    }
}
