import EventSourcing
import LogFormat

extension LogWriter {
    /// Writes `batch` in one transaction.
    ///
    /// - Returns: the headers after it, once it is on the disk.
    func commit(_ batch: LogQueue.Batch, on headers: [ShardHeader]) throws(StorageError) -> [ShardHeader] {
        var next = headers
        try environment.write { transaction throws(StorageError) in
            for record in batch.records {
                try transaction.put(
                    in: .log, forKey: LogRecord.key(record.shard, record.index), count: record.encodedCount
                ) { record.encode(into: $0, seed: seed) }
                let position = Int(record.shard.rawValue)
                next[position].last = record.index
                next[position].logBytes += UInt64(record.encodedCount)
            }
            for group in batch.groups {
                for change in group.changes { try apply(change, on: group.shard, in: transaction) }
                let position = Int(group.shard.rawValue)
                next[position].checkpoint = max(next[position].checkpoint, group.checkpoint)
            }
            let now = batch.records.last?.time ?? .zero
            for position in next.indices {
                let shard = ShardID(UInt16(position))
                try truncate(&next[position], shard: shard, through: batch.released[position], now: now, transaction)
                guard next[position] != headers[position] else { continue }
                try transaction.put(next[position].encoded(seed: seed), in: .hard, forKey: ShardHeader.key(shard))
            }
        }
        return next
    }

    private func apply(
        _ change: StateChange, on shard: ShardID, in transaction: WriteTransaction
    ) throws(StorageError) {
        let row = StateRowForm(shard: shard, key: change.key, seed: seed)
        guard let value = change.value else { return try transaction.delete(from: .state, key: row.fullKey) }
        try transaction.put(in: .state, forKey: row.fullKey, count: Sealed.checksumBytes + value.count) {
            row.encode(value, into: $0)
        }
    }

    /// Deletes the oldest records that retention does not keep and no follower needs. The last record stays: it tells a
    /// restart the shard's time.
    private func truncate(
        _ header: inout ShardHeader, shard: ShardID, through released: LogIndex, now: Timestamp,
        _ transaction: WriteTransaction
    ) throws(StorageError) {
        guard retention != .everything else { return }
        let end = min(header.checkpoint, released)
        for _ in 0..<Retention.recordsPerCommitMax where header.first <= end && header.first < header.last {
            let index = header.first
            let key = LogRecord.key(shard, index)
            guard let value = try transaction.mappedValue(in: .log, forKey: key) else {
                throw .missingRecord(shard: shard.rawValue, index: index.rawValue)
            }
            let time = try LogRecord.storedTime(value, shard: shard, index: index, seed: seed)
            let bytes = UInt64(value.count)
            guard bytes <= header.logBytes else { throw .corruptHeader(name: "shard \(shard)") }
            guard retention.releases(recordOf: time, now: now, logBytes: header.logBytes) else { return }
            try transaction.delete(from: .log, key: key)
            header.first = index.next
            header.logBytes -= bytes
        }
    }

    // MARK: - Reading

    func read(
        _ shard: ShardID, from first: LogIndex, countMax: Int, bytesMax: Int
    ) throws(StorageError) -> LMDBEnvironment.Reading {
        try environment.readRecords(of: shard, from: first, countMax: countMax, bytesMax: bytesMax, seed: seed)
    }
}
