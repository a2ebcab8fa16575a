import Consensus
import EventSourcing
import Storage
import Wire

/// One piece of a snapshot.
///
///     CRC32C (4), kind (1), shard (2), number (4), raw length (4), stored length (4), the compressed payload
///
/// The checksum covers all that follows it and goes on from that of the file's header, so that a chunk of another
/// file, or one in another place of this one, is not taken for it.
struct FileChunk: Sendable {
    enum Kind: UInt8, Sendable { case entries = 1, rows = 2, index = 3 }

    static let headBytes = 4 + 1 + 2 + 4 + 4 + 4
    /// What a chunk holds about, before it is compressed.
    static let bytesTarget = 1 << 20
    /// A longer one is damaged: far more than one record may have on top of the target.
    static let bytesMax = 64 << 20

    let kind: Kind
    let shard: ShardID
    /// Of the chunks of the file, from 0.
    let number: Int
    let rawBytes: Int
    let storedBytes: Int

    init(kind: Kind, shard: ShardID, number: Int, rawBytes: Int, storedBytes: Int) {
        self.kind = kind
        self.shard = shard
        self.number = number
        self.rawBytes = rawBytes
        self.storedBytes = storedBytes
    }

    /// The head without its checksum.
    func encodedHead() -> [UInt8] {
        var writer = RecordWriter()
        writer.write(kind.rawValue)
        writer.write(shard.rawValue)
        writer.write(UInt32(number))
        writer.write(UInt32(rawBytes))
        writer.write(UInt32(storedBytes))
        return writer.bytes
    }

    /// - Returns: nil unless the lengths are within their limits.
    init?(head: ArraySlice<UInt8>) {
        var reader = RecordReader(head)
        guard let kind = (try? reader.readByte()).flatMap(Kind.init(rawValue:)), let shard = try? reader.readUInt16(),
            let number = try? reader.readUInt32(), let raw = try? reader.readUInt32(),
            let stored = try? reader.readUInt32(), raw <= Self.bytesMax, stored <= Self.bytesMax
        else { return nil }
        self.init(
            kind: kind, shard: ShardID(shard), number: Int(number), rawBytes: Int(raw), storedBytes: Int(stored))
    }
}

/// What the index says of one chunk.
struct ChunkPlace: Equatable, Sendable {
    let kind: FileChunk.Kind
    let shard: ShardID
    let offset: Int
    /// Of entries the index of the first, big-endian; of rows the first key.
    let first: [UInt8]
}

/// The payloads of chunks, before they are compressed.
enum ChunkPayload {
    /// first index (8), { term (8), is record (1), record (blob) }
    ///
    /// A change of membership becomes an empty entry: the members of the old cluster mean nothing to another.
    static func encode(_ entries: [Entry]) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(entries[0].index.rawValue)
        writer.writeArray(entries) { writer, entry in
            writer.write(entry.term.rawValue)
            if case .record(let bytes) = entry.payload, !bytes.isEmpty {
                writer.write(true)
                writer.write(bytes)
            } else {
                writer.write(false)
            }
        }
        return writer.bytes
    }

    static func entries(_ bytes: [UInt8]) throws -> [Entry] {
        var reader = RecordReader(bytes[...])
        var index = EntryIndex(try reader.readUInt64())
        let entries = try reader.readArray(bytesMin: 9) { reader in
            let id = EntryID(term: Term(try reader.readUInt64()), index: index)
            index = index.next
            return Entry(id: id, payload: try reader.readBool() ? .record(try reader.readBytes()) : .empty)
        }
        try reader.finish()
        return entries
    }

    /// { key (blob), value (blob) }
    static func encode(_ rows: [StateRow]) -> [UInt8] { PackedRows(rows).bytes }

    /// - Parameter rows: each a key and a value, as blobs.
    static func encode(rows: [UInt8], count: Int) -> [UInt8] {
        var writer = RecordWriter()
        writer.writeCount(count)
        writer.writeRaw(rows)
        return writer.bytes
    }

    static func rows(_ bytes: [UInt8]) throws -> [StateRow] {
        var reader = RecordReader(bytes[...])
        let rows = try reader.readArray(bytesMin: 2) { reader in
            StateRow(key: try reader.readBytes(), value: try reader.readBytes())
        }
        try reader.finish()
        return rows
    }

    /// { kind (1), shard (2), offset (8), first (blob) }
    static func encode(_ places: [ChunkPlace]) -> [UInt8] {
        var writer = RecordWriter()
        writer.writeArray(places) { writer, place in
            writer.write(place.kind.rawValue)
            writer.write(place.shard.rawValue)
            writer.write(UInt64(place.offset))
            writer.write(place.first)
        }
        return writer.bytes
    }

    static func places(_ bytes: [UInt8]) throws -> [ChunkPlace] {
        var reader = RecordReader(bytes[...])
        let places = try reader.readArray(bytesMin: 12) { reader in
            let start = reader.offset
            guard let kind = FileChunk.Kind(rawValue: try reader.readByte()) else {
                throw ReadFailure(.outOfRange, at: start)
            }
            return ChunkPlace(
                kind: kind, shard: ShardID(try reader.readUInt16()),
                offset: Int(truncatingIfNeeded: try reader.readUInt64()), first: Array(try reader.readBlob()))
        }
        try reader.finish()
        return places
    }
}
