import EventSourcing
import Wire

/// Reads a snapshot from its first byte to its last, with one chunk of it in memory.
struct SnapshotWalk {
    private let bytes: SnapshotBytes
    private var offset = 0
    /// Of all that has been read; nil when only a part of it is.
    private let digest: RunningDigest?

    init(_ bytes: SnapshotBytes, digest: RunningDigest? = nil) {
        self.bytes = bytes
        self.digest = digest
    }

    private var path: String { bytes.path }
    private var size: Int { bytes.count }

    /// The header, and the checksum that those of the chunks go on from.
    mutating func header() throws(SnapshotFailure) -> (SnapshotHeader, seed: UInt32) {
        guard size >= SnapshotHeader.prefixBytes else { throw .notASnapshot(path: path) }
        let prefix = try take(SnapshotHeader.prefixBytes, .header)
        var reader = RecordReader(prefix[SnapshotHeader.magic.count...])
        guard prefix.starts(with: SnapshotHeader.magic), let format = try? reader.readUInt16(),
            let count = try? reader.readUInt32()
        else { throw .notASnapshot(path: path) }
        guard format == SnapshotHeader.format else { throw .formatVersion(path: path, found: format) }
        guard count <= SnapshotHeader.fieldBytesMax else { throw damaged(.header, "its length") }
        let rest = try take(Int(count) + 4, .header)
        var checksum = RecordReader(rest[Int(count)...])
        let known = prefix + rest[..<Int(count)]
        guard (try? checksum.readUInt32()) == CRC32C.checksum(known) else {
            throw damaged(.header, "checksum mismatch")
        }
        guard let header = try? SnapshotHeader(fields: rest[..<Int(count)]) else {
            throw damaged(.header, "its fields cannot be read")
        }
        return (header, CRC32C.checksum(prefix + rest))
    }

    /// All chunks but the index, which agrees with them.
    mutating func chunks(seed: UInt32) throws(SnapshotFailure) -> [ChunkPlace] {
        var found: [(kind: FileChunk.Kind, shard: ShardID, offset: Int)] = []
        while true {
            let place = SnapshotFailure.Place.chunk(found.count, offset: offset)
            let start = offset
            let (chunk, stored) = try chunk(found.count, seed: seed)
            guard chunk.kind == .index else {
                found.append((chunk.kind, chunk.shard, start))
                continue
            }
            guard let bytes = Compression.decompress(stored, count: chunk.rawBytes),
                let places = try? ChunkPayload.places(bytes)
            else { throw damaged(place, "the index cannot be read") }
            let agrees = places.elementsEqual(found) { place, chunk in
                place.kind == chunk.kind && place.shard == chunk.shard && place.offset == chunk.offset
            }
            guard agrees else { throw damaged(place, "the index is that of other chunks") }
            try end(index: start)
            return places
        }
    }

    /// The payload of the chunk `number`, which begins at `offset`.
    func payload(_ number: Int, at offset: Int, seed: UInt32) throws(SnapshotFailure) -> [UInt8] {
        var walk = self
        walk.offset = offset
        let (chunk, stored) = try walk.chunk(number, seed: seed)
        guard let bytes = Compression.decompress(stored, count: chunk.rawBytes) else {
            throw damaged(.chunk(number, offset: offset), "it cannot be decompressed")
        }
        return bytes
    }

    private mutating func chunk(_ number: Int, seed: UInt32) throws(SnapshotFailure) -> (FileChunk, stored: [UInt8]) {
        let place = SnapshotFailure.Place.chunk(number, offset: offset)
        let head = try take(FileChunk.headBytes, place)
        guard let chunk = FileChunk(head: head[4...]), chunk.number == number else {
            throw damaged(place, "it is no chunk of this place")
        }
        let stored = try take(chunk.storedBytes, place)
        var reader = RecordReader(head[...])
        let checksum = CRC32C.checksum(stored, seed: CRC32C.checksum(head[4...], seed: seed))
        guard (try? reader.readUInt32()) == checksum else {
            throw damaged(place, "checksum mismatch")
        }
        return (chunk, stored)
    }

    private mutating func end(index: Int) throws(SnapshotFailure) {
        let offset = try take(8, .end)
        let whole = digest?.finish() ?? []
        let rest = try take(SnapshotEncoder.endBytes - 8, .end)
        var reader = RecordReader(offset[...])
        guard (try? reader.readUInt64()) == UInt64(index) else { throw damaged(.end, "the place of the index") }
        guard rest.prefix(whole.count) == whole[...] else { throw damaged(.end, "SHA-256 mismatch") }
        guard rest.suffix(8) == SnapshotEncoder.endMagic[...] else { throw damaged(.end, "its last bytes") }
        guard self.offset == size else { throw damaged(.end, "\(size - self.offset) bytes follow") }
    }

    /// The next bytes of the file.
    private mutating func take(_ count: Int, _ place: SnapshotFailure.Place) throws(SnapshotFailure) -> [UInt8] {
        guard count <= size - offset else { throw damaged(place, "the file ends at byte \(size)") }
        let taken = try bytes.read(count, at: offset)
        offset += count
        digest?.update(taken)
        return taken
    }

    private func damaged(_ place: SnapshotFailure.Place, _ reason: String) -> SnapshotFailure {
        .damaged(path: path, place: place, reason: reason)
    }
}
