import EventSourcing
import Wire

/// The committed states of one shard in the `state` database.
///
///     key:    shard (2 bytes), the key given
///     value:  CRC32C (4) over the key and the value given, the value given
public struct ShardStateStore: StateStore {
    let shard: ShardID
    let environment: LMDBEnvironment
    let seed: UInt32

    static func key(_ shard: ShardID, _ key: [UInt8]) -> [UInt8] { ShardHeader.key(shard) + key }

    /// The row as it lies on the disk: a value that strays under another key does not pass for that key's.
    static func encoded(_ value: [UInt8], key: [UInt8], seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.writeRaw(value)
        return sealed(writer.bytes, seed: key.withUnsafeBytes { CRC32C.checksum($0, seed: seed) })
    }

    public func value(forKey key: [UInt8]) throws -> [UInt8]? {
        let full = Self.key(shard, key)
        let stored = try environment.read { transaction throws(StorageError) in
            try transaction.value(in: .state, forKey: full)
        }
        guard let stored else { return nil }
        return try unsealed(stored, fullKey: full)
    }

    public func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) throws -> [StateRow] {
        let first = Self.key(shard, lower)
        let end = Self.key(shard, upper)
        var rows: [StateRow] = []
        try environment.read { transaction throws(StorageError) in
            func visit(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(StorageError) -> Bool {
                guard rows.count < limit else { return false }
                let key = [UInt8](key)
                guard reversed ? !key.lexicographicallyPrecedes(first) : key.lexicographicallyPrecedes(end) else {
                    return false
                }
                rows.append(StateRow(key: Array(key.dropFirst(2)), value: try unsealed([UInt8](value), fullKey: key)))
                return true
            }
            if reversed {
                try transaction.descend(.state, below: end, visit)
            } else {
                try transaction.ascend(.state, from: first, visit)
            }
        }
        return rows
    }

    private func unsealed(_ value: [UInt8], fullKey: [UInt8]) throws(StorageError) -> [UInt8] {
        guard isSealed(value, seed: fullKey.withUnsafeBytes { CRC32C.checksum($0, seed: seed) }) else {
            throw .corruptState(shard: shard.rawValue, key: Array(fullKey.dropFirst(2)))
        }
        return Array(value[4...])
    }
}
