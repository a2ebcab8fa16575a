import Consensus
import Crypto
import EventSourcing
import Foundation
import Wire

/// The bytes of a snapshot, piece by piece: the header, chunks, the index and the end. Without I/O.
struct SnapshotEncoder {
    /// Behind the index: its offset (8), the SHA-256 of all before (32), and the closing magic (8).
    static let endBytes = 8 + 32 + 8
    static let endMagic = [UInt8]("CRSNAPND".utf8)

    private let seed: UInt32
    private var digest = SHA256()
    private var offset = 0
    private var places: [ChunkPlace] = []
    /// The bytes that the file begins with.
    let beginning: [UInt8]

    init(_ header: SnapshotHeader) {
        beginning = header.encoded()
        seed = CRC32C.checksum(beginning)
        digest.update(data: beginning)
        offset = beginning.count
    }

    /// The next chunk, of entries that follow each other; at least one.
    mutating func chunk(_ entries: [Entry], of shard: ShardID) -> [UInt8] {
        chunk(ChunkContent(entries, of: shard))
    }

    /// The next chunk, of rows in the order of their keys; at least one.
    mutating func chunk(_ rows: [StateRow], of shard: ShardID) -> [UInt8] {
        chunk(ChunkContent(rows, of: shard))
    }

    mutating func chunk(_ content: ChunkContent) -> [UInt8] {
        let stored = Compression.compress(content.payload)
        let head = FileChunk(
            kind: content.kind, shard: content.shard, number: places.count, rawBytes: content.payload.count,
            storedBytes: stored.count
        ).encodedHead()
        var writer = RecordWriter()
        writer.write(CRC32C.checksum(stored, seed: CRC32C.checksum(head, seed: seed)))
        writer.writeRaw(head)
        writer.writeRaw(stored)
        places.append(ChunkPlace(kind: content.kind, shard: content.shard, offset: offset, first: content.first))
        digest.update(data: writer.bytes)
        offset += writer.bytes.count
        return writer.bytes
    }

    /// The index and the end.
    mutating func end() -> [UInt8] {
        let start = offset
        let index = chunk(ChunkContent(indexOf: places))
        var writer = RecordWriter()
        writer.write(UInt64(start))
        digest.update(data: writer.bytes)
        writer.writeRaw(Array(digest.finalize()))
        writer.writeRaw(Self.endMagic)
        return index + writer.bytes
    }
}
