import EventSourcing
import Wire

/// Which of the two places of a shard's rows is meant. The header says which is current; the rows of a snapshot are
/// staged in the other.
public enum Incarnation: UInt8, Sendable {
    case first = 0, second = 1

    public var other: Incarnation { self == .first ? .second : .first }
}

/// How a state lies in the `state` database.
///
///     key:    shard (2 bytes, the highest bit set in the second incarnation), the key given
///     value:  CRC32C (4) over the key and the value given, the value given
///
/// A value that strays under another key does not pass for that key's.
public struct StateRowForm: Sendable {
    public private(set) var fullKey: [UInt8]
    /// The checksum of the full key, which that of the value goes on from.
    private var seed: UInt32

    public init(shard: ShardID, in incarnation: Incarnation = .first, key: [UInt8], seed: UInt32) {
        fullKey = Self.fullKey(shard, incarnation, key)
        self.seed = CRC32C.checksum(fullKey, seed: seed)
    }

    /// Goes on to another row of the shard, in the memory of this one's key.
    public mutating func move(to key: UnsafeRawBufferPointer, seed: UInt32) {
        fullKey.removeLast(fullKey.count - Self.prefixBytes)
        fullKey.append(contentsOf: key)
        self.seed = CRC32C.checksum(fullKey, seed: seed)
    }

    /// Of the shard, before the key given.
    private static let prefixBytes = 2

    /// Shards are fewer than half of what two bytes can number.
    private static let secondBit: UInt16 = 0x8000

    public static func fullKey(_ shard: ShardID, _ incarnation: Incarnation, _ key: [UInt8]) -> [UInt8] {
        let number = incarnation == .first ? shard.rawValue : shard.rawValue | secondBit
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefixBytes + key.count)
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
        bytes.append(contentsOf: key)
        return bytes
    }

    public func encode(_ value: [UInt8], into bytes: UnsafeMutableRawBufferPointer) {
        value.withUnsafeBytes { encode($0, into: bytes) }
    }

    public func encode(_ value: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[Sealed.checksumBytes...]).copyMemory(from: value)
        Sealed.seal(bytes, seed: seed)
    }

    /// Whether a row of whatever shard is what was written under its key.
    public static func isIntact(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, seed: UInt32) -> Bool {
        Sealed.isIntact(value, seed: CRC32C.checksum(key, seed: seed))
    }

    /// The value given, out of an intact row.
    public static func value(_ bytes: UnsafeRawBufferPointer) -> [UInt8] { [UInt8](copying: valueInPlace(bytes)) }

    /// The value given, as it lies in an intact row.
    public static func valueInPlace(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Sealed.checksumBytes...])
    }
}
