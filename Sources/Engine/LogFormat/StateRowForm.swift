import EventSourcing
import Wire

/// How a state lies in the `state` database.
///
///     key:    shard (2 bytes), the key given
///     value:  CRC32C (4) over the key and the value given, the value given
///
/// A value that strays under another key does not pass for that key's.
public struct StateRowForm: Sendable {
    public let fullKey: [UInt8]
    /// The checksum of the full key, which that of the value goes on from.
    private let seed: UInt32

    public init(shard: ShardID, key: [UInt8], seed: UInt32) {
        fullKey = ShardHeader.key(shard, key)
        self.seed = CRC32C.checksum(fullKey, seed: seed)
    }

    public func encode(_ value: [UInt8], into bytes: UnsafeMutableRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[Sealed.checksumBytes...]).copyBytes(from: value)
        Sealed.seal(bytes, seed: seed)
    }

    /// Whether a row of whatever shard is what was written under its key.
    public static func isIntact(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, seed: UInt32) -> Bool {
        Sealed.isIntact(value, seed: CRC32C.checksum(key, seed: seed))
    }

    /// The value given, out of an intact row.
    public static func value(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](copying: bytes[Sealed.checksumBytes...])
    }
}
