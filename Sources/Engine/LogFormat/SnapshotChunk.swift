import EventSourcing
import Wire

/// A piece of the rows of a shard's states, on the way to a node that is too far behind for the log.
///
///     CRC32C (4), layout (1), shard (2), number (4), is last (1), rows: { key (blob), value (blob) }
///
/// Pieces are numbered from 0, so that a missing one is noticed.
public struct SnapshotChunk: Sendable {
    static let layout: UInt8 = 1

    public let shard: ShardID
    public let number: Int
    public let isLast: Bool
    public let rows: [StateRow]

    public init(shard: ShardID, number: Int, isLast: Bool, rows: [StateRow]) {
        self.shard = shard
        self.number = number
        self.isLast = isLast
        self.rows = rows
    }

    public func encoded(seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(Self.layout)
        writer.write(shard.rawValue)
        writer.write(UInt32(number))
        writer.write(isLast)
        writer.writeArray(rows) { writer, row in
            writer.write(row.key)
            writer.write(row.value)
        }
        return Sealed.sealing(writer.bytes, seed: seed)
    }

    public init(_ bytes: [UInt8], seed: UInt32) throws(FormatDamage) {
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else {
            throw FormatDamage("checksum mismatch")
        }
        var reader = RecordReader(bytes[4...])
        do {
            guard try reader.readByte() == Self.layout else { throw FormatDamage("an unknown layout") }
            shard = ShardID(try reader.readUInt16())
            number = Int(try reader.readUInt32())
            isLast = try reader.readBool()
            rows = try reader.readArray(bytesMin: 2) { reader in
                StateRow(key: Array(try reader.readBlob()), value: Array(try reader.readBlob()))
            }
            try reader.finish()
        } catch {
            throw FormatDamage("a piece of a snapshot that cannot be read")
        }
    }

    /// Splits rows into pieces of about `bytesMax`; at least one.
    public static func split(_ rows: [StateRow], of shard: ShardID, bytesMax: Int) -> [SnapshotChunk] {
        var pieces: [[StateRow]] = [[]]
        var bytes = 0
        for row in rows {
            bytes += row.key.count + row.value.count
            if bytes > bytesMax, !pieces[pieces.count - 1].isEmpty {
                pieces.append([])
                bytes = row.key.count + row.value.count
            }
            pieces[pieces.count - 1].append(row)
        }
        return pieces.enumerated().map { number, rows in
            SnapshotChunk(shard: shard, number: number, isLast: number == pieces.count - 1, rows: rows)
        }
    }
}
