import EventSourcing
import LogFormat
import Wire

/// The committed states of one shard in the `state` database.
///
/// Checksums tell whether a row that was found is intact. That a row is *absent* is told by its neighbours: both must
/// be intact and on their sides of where it would be. A damaged key, here or in LMDB's branches, does not pass for
/// an aggregate that never was.
public struct ShardStateStore: StateStore {
    /// Says where the rows are.
    let log: ShardLog
    let environment: LMDBEnvironment
    let seed: UInt32

    private var shard: ShardID { log.shard }

    /// Runs `body` against one consistent view of the rows that are current.
    private func read<Value>(
        _ body: (ReadTransaction, Incarnation) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        while true {
            let incarnation = log.incarnation
            let value: Value? = try environment.read { transaction throws(StorageError) in
                // Rows that are no longer current are deleted: a view that began since may lack some.
                guard log.incarnation == incarnation else { return nil }
                return try body(transaction, incarnation)
            }
            if let value { return value }
        }
    }

    public func value(forKey key: [UInt8]) throws -> [UInt8]? {
        try read { transaction, incarnation throws(StorageError) in
            let fullKey = StateRowForm.fullKey(shard, incarnation, key)
            var found: [UInt8]?
            try transaction.look(
                up: fullKey, in: .state,
                isFound: { row throws(StorageError) in
                    try requireIntact(row)
                    if row.key.elementsEqual(fullKey) { found = StateRowForm.value(row.value) }
                    guard !row.key.lexicographicallyPrecedes(fullKey) else { throw damaged(row.key) }
                    return found != nil
                },
                before: { row throws(StorageError) in try requireOrder(row, below: fullKey) })
            return found
        }
    }

    public func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow] {
        guard limit > 0, lower.lexicographicallyPrecedes(upper) else { return [] }
        return try read { transaction, incarnation throws(StorageError) in
            let first = StateRowForm.fullKey(shard, incarnation, lower)
            let end = StateRowForm.fullKey(shard, incarnation, upper)
            var rows: [StateRow] = []
            var previous = reversed ? end : first
            // Each row must be intact and on the right side of the one before it, and so must be the one that ends the
            // range.
            func visit(_ row: MappedRow) throws(StorageError) -> Bool {
                try requireIntact(row)
                let key = [UInt8](copying: row.key)
                let isInOrder =
                    reversed
                    ? key.lexicographicallyPrecedes(previous)
                    : rows.isEmpty ? !key.lexicographicallyPrecedes(previous) : previous.lexicographicallyPrecedes(key)
                guard isInOrder else { throw damaged(row.key) }
                guard reversed ? !key.lexicographicallyPrecedes(first) : key.lexicographicallyPrecedes(end) else {
                    return false
                }
                rows.append(StateRow(key: Array(key.dropFirst(2)), value: StateRowForm.value(row.value)))
                previous = key
                return rows.count < limit
            }
            if reversed {
                try requireOrder(from: end, in: transaction)
                try transaction.descend(.state, below: end, visit)
            } else {
                try requireOrder(below: first, in: transaction)
                try transaction.ascend(.state, from: first, visit)
            }
            return rows
        }
    }

    /// The row before the place of `key` is intact and smaller.
    private func requireOrder(below key: [UInt8], in transaction: ReadTransaction) throws(StorageError) {
        try transaction.descend(.state, below: key) { row throws(StorageError) in
            try requireOrder(row, below: key)
            return false
        }
    }

    private func requireOrder(_ row: MappedRow, below key: [UInt8]) throws(StorageError) {
        try requireIntact(row)
        guard row.key.lexicographicallyPrecedes(key) else { throw damaged(row.key) }
    }

    /// The row at or after the place of `key` is intact and not smaller.
    private func requireOrder(from key: [UInt8], in transaction: ReadTransaction) throws(StorageError) {
        try transaction.ascend(.state, from: key) { row throws(StorageError) in
            try requireIntact(row)
            guard !row.key.lexicographicallyPrecedes(key) else { throw damaged(row.key) }
            return false
        }
    }

    private func requireIntact(_ row: MappedRow) throws(StorageError) {
        guard StateRowForm.isIntact(key: row.key, value: row.value, seed: seed) else { throw damaged(row.key) }
    }

    /// Names the row by the key it was found under, which may be what is damaged.
    private func damaged(_ key: UnsafeRawBufferPointer) -> StorageError {
        .corruptState(shard: shard.rawValue, key: [UInt8](copying: key.dropFirst(2)))
    }
}
