import EventSourcing

extension LMDBEnvironment {
    /// Records of `shard` from `first` on: contiguous, checked, at most `countMax` and about `bytesMax` of payload.
    func readRecords(
        of shard: ShardID, from first: LogIndex, countMax: Int, bytesMax: Int, seed: UInt32
    ) throws(StorageError) -> [LogRecord] {
        var records: [LogRecord] = []
        var bytes = 0
        var expected = first
        try read { transaction throws(StorageError) in
            try transaction.ascend(.log, from: LogRecord.key(shard, first)) { key, value throws(StorageError) in
                guard records.count < countMax, bytes < bytesMax, key.count == 10,
                    key.prefix(2).elementsEqual(LogRecord.key(shard, first).prefix(2))
                else { return false }
                guard key.elementsEqual(LogRecord.key(shard, expected)) else {
                    throw .missingRecord(shard: shard.rawValue, index: expected.rawValue)
                }
                let record = try LogRecord.decode([UInt8](value), shard: shard, index: expected, seed: seed)
                records.append(record)
                bytes += record.payload.count
                expected = expected.next
                return true
            }
        }
        return records
    }
}
