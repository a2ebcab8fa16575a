import EventSourcing
import Wire

/// How a record lies in the `log` database.
///
///     key:    shard (2 bytes), index (8)                                big-endian, so that a shard's log is one range
///     value:  CRC32C (4), layout (1), shard (2), index (8), term (8), time in microseconds (8), payload
///
/// The checksum covers all that follows it and is seeded with the cluster, so that a record of another cluster,
/// shard or index is not taken for this one.
public struct LogRecord: Sendable {
    static let layout: UInt8 = 1
    public static let headerBytes = 4 + 1 + 2 + 8 + 8 + 8

    public let shard: ShardID
    public let index: LogIndex
    public let term: UInt64
    public let time: Timestamp
    public let payload: [UInt8]

    public init(shard: ShardID, index: LogIndex, term: UInt64, time: Timestamp, payload: [UInt8]) {
        self.shard = shard
        self.index = index
        self.term = term
        self.time = time
        self.payload = payload
    }

    public static func key(_ shard: ShardID, _ index: LogIndex) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 10) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: shard.rawValue.bigEndian, as: UInt16.self)
            raw.storeBytes(of: index.rawValue.bigEndian, toByteOffset: 2, as: UInt64.self)
            count = 10
        }
    }

    public var encodedCount: Int { Self.headerBytes + payload.count }

    /// Writes the value into `bytes`, which has room for exactly `encodedCount`.
    public func encode(into bytes: UnsafeMutableRawBufferPointer, seed: UInt32) {
        bytes.storeBytes(of: Self.layout, toByteOffset: 4, as: UInt8.self)
        bytes.storeBytes(of: shard.rawValue.bigEndian, toByteOffset: 5, as: UInt16.self)
        bytes.storeBytes(of: index.rawValue.bigEndian, toByteOffset: 7, as: UInt64.self)
        bytes.storeBytes(of: term.bigEndian, toByteOffset: 15, as: UInt64.self)
        bytes.storeBytes(of: time.microseconds.bigEndian, toByteOffset: 23, as: Int64.self)
        UnsafeMutableRawBufferPointer(rebasing: bytes[Self.headerBytes...]).copyBytes(from: payload)
        Sealed.seal(bytes, seed: seed)
    }

    /// Reads the record that should lie at `shard` and `index`.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, shard: ShardID, index: LogIndex, seed: UInt32
    ) throws(FormatDamage) -> LogRecord {
        let (term, time) = try checkedHeader(bytes, shard: shard, index: index, seed: seed)
        return LogRecord(
            shard: shard, index: index, term: term, time: time, payload: [UInt8](copying: bytes[headerBytes...]))
    }

    /// Checks the whole record that should lie at `shard` and `index`, without copying its payload.
    public static func checkedHeader(
        _ bytes: UnsafeRawBufferPointer, shard: ShardID, index: LogIndex, seed: UInt32
    ) throws(FormatDamage) -> (term: UInt64, time: Timestamp) {
        guard bytes.count >= headerBytes else { throw FormatDamage("shorter than its header") }
        guard Sealed.isIntact(bytes, seed: seed) else { throw FormatDamage("checksum mismatch") }
        guard bytes[4] == layout else { throw FormatDamage("layout \(bytes[4])") }
        let foundShard = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 5, as: UInt16.self))
        let foundIndex = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 7, as: UInt64.self))
        guard foundShard == shard.rawValue, foundIndex == index.rawValue else {
            throw FormatDamage("it is record \(foundIndex) of shard \(foundShard)")
        }
        return (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 15, as: UInt64.self)),
            Timestamp(microseconds: Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 23, as: Int64.self)))
        )
    }
}
