import EventSourcing
import LogFormat

extension LMDBEnvironment {
    /// What one reading of a shard's log found.
    enum Reading {
        case records([JournalRecord])
        /// The log begins behind the index asked for.
        case truncated(first: LogIndex)
    }

    /// Records of `shard` from `first` on: contiguous, checked, at most `countMax` and about `bytesMax` of payload.
    func readRecords(
        of shard: ShardID, from first: LogIndex, countMax: Int, bytesMax: Int, seed: UInt32
    ) throws(StorageError) -> Reading {
        try read { transaction throws(StorageError) in
            let header = try transaction.header(of: shard, seed: seed)
            guard first >= header.first else { return .truncated(first: header.first) }
            var records: [JournalRecord] = []
            var bytes = 0
            var next = first
            guard next <= header.last, countMax > 0 else { return .records([]) }
            try transaction.ascend(.log, from: LogRecord.key(shard, first)) { row throws(StorageError) in
                guard row.key.elementsEqual(LogRecord.key(shard, next)) else { return false }
                let record = try LogRecord.stored(row.value, shard: shard, index: next, seed: seed)
                records.append(JournalRecord(index: next, time: record.time, bytes: record.payload))
                bytes += record.payload.count
                next = next.next
                return next <= header.last && records.count < countMax && bytes < bytesMax
            }
            guard next > header.last || records.count >= countMax || bytes >= bytesMax else {
                throw .missingRecord(shard: shard.rawValue, index: next.rawValue)
            }
            return .records(records)
        }
    }
}

extension ReadTransaction {
    func header(of shard: ShardID, seed: UInt32) throws(StorageError) -> ShardHeader {
        guard let bytes = try value(in: .hard, forKey: ShardHeader.key(shard)) else {
            throw .corruptHeader(name: "shard \(shard)")
        }
        do {
            return try ShardHeader(bytes, seed: seed)
        } catch {
            throw .corruptHeader(name: "shard \(shard)")
        }
    }
}
