import EventSourcing
import Wire

/// What the `hard` database says of one shard. Written in the transaction of the records that it counts.
public struct ShardHeader: Equatable, Sendable {
    static let layout: UInt8 = 1

    /// The first record that the log still holds; one past `last` when it holds none.
    public var first = LogIndex(1)
    /// The last committed record.
    public var last = LogIndex.zero
    /// At and below it the `state` database has everything.
    public var checkpoint = LogIndex.zero
    public var term: UInt64 = 1
    /// Bytes of the records that the log holds.
    public var logBytes: UInt64 = 0

    public static func key(_ shard: ShardID) -> [UInt8] { key(shard, []) }

    /// A shard's number, and what is named within it.
    public static func key(_ shard: ShardID, _ rest: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 + rest.count)
        bytes.append(UInt8(shard.rawValue >> 8))
        bytes.append(UInt8(truncatingIfNeeded: shard.rawValue))
        bytes.append(contentsOf: rest)
        return bytes
    }

    public func encoded(seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(Self.layout)
        for number in [first.rawValue, last.rawValue, checkpoint.rawValue, term, logBytes] { writer.write(number) }
        return Sealed.sealing(writer.bytes, seed: seed)
    }

    public init() {}

    public init(_ bytes: [UInt8], seed: UInt32) throws(FormatDamage) {
        let damaged = FormatDamage("not a shard's header")
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else { throw damaged }
        var reader = RecordReader(bytes[4...])
        do {
            guard try reader.readByte() == Self.layout else { throw damaged }
            first = LogIndex(try reader.readUInt64())
            last = LogIndex(try reader.readUInt64())
            checkpoint = LogIndex(try reader.readUInt64())
            term = try reader.readUInt64()
            logBytes = try reader.readUInt64()
        } catch {
            throw damaged
        }
        guard first <= last.next, checkpoint <= last, first <= checkpoint.next else { throw damaged }
    }
}
