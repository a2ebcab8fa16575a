import Consensus
import EventSourcing
import Storage

/// A snapshot that has been proved to be, byte for byte, what was written.
public final class SnapshotFile: Sendable {
    public let path: String
    public let header: SnapshotHeader
    let places: [ChunkPlace]
    private let bytes: SnapshotBytes
    private let seed: UInt32

    /// Reads all of the file, and checks each chunk and the whole.
    ///
    /// - Parameter key: of an encrypted one; nil of one that is not.
    /// - Throws: which place is not as it was written.
    public init(path: String, key: SnapshotKey? = nil) throws(SnapshotFailure) {
        self.path = path
        bytes = try SnapshotBytes(path: path, key: key)
        var walk = SnapshotWalk(bytes, digest: RunningDigest())
        (header, seed) = try walk.header()
        places = try walk.chunks(seed: seed)
    }

    /// Whether it is encrypted in its file.
    public var isEncrypted: Bool { bytes.isEncrypted }

    /// The payload of a chunk, read and checked once more.
    func payload(of number: Int) throws(SnapshotFailure) -> [UInt8] {
        let offset = places[number].offset
        return try SnapshotWalk(bytes).payload(number, at: offset, seed: seed)
    }

    func damaged(_ number: Int, _ reason: String) -> SnapshotFailure {
        .damaged(path: path, place: .chunk(number, offset: places[number].offset), reason: reason)
    }

    /// The entries of a chunk.
    func entries(of number: Int) throws(SnapshotFailure) -> [Entry] {
        let bytes = try payload(of: number)
        guard let entries = try? ChunkPayload.entries(bytes), !entries.isEmpty else {
            throw damaged(number, "no entries of a log")
        }
        return entries
    }

    /// The rows of a chunk.
    func rows(of number: Int) throws(SnapshotFailure) -> [StateRow] {
        let bytes = try payload(of: number)
        guard let rows = try? ChunkPayload.rows(bytes), !rows.isEmpty else { throw damaged(number, "no rows") }
        return rows
    }

    /// The rows of a chunk, not taken apart.
    func packedRows(of number: Int) throws(SnapshotFailure) -> PackedRows {
        let bytes = try payload(of: number)
        guard let rows = try? PackedRows(bytes), rows.count > 0 else { throw damaged(number, "no rows") }
        return rows
    }

    /// The numbers of a shard's chunks of one kind, in order.
    func numbers(_ kind: FileChunk.Kind, of shard: ShardID) -> [Int] {
        places.indices.filter { places[$0].kind == kind && places[$0].shard == shard }
    }

    /// One log a shard, in the order of their ids.
    public var logs: [SnapshotLog] {
        header.shards.indices.map { SnapshotLog(of: ShardID(UInt16($0)), in: self) }
    }

    /// One store a shard, in the order of their ids.
    public var states: [SnapshotStates] {
        header.shards.indices.map { states(of: ShardID(UInt16($0))) }
    }

    /// The store of one shard.
    public func states(of shard: ShardID) -> SnapshotStates { SnapshotStates(of: shard, in: self) }

    /// Hands all logs and states of the snapshot to `put`, so much at a time as one transaction puts into a directory.
    public func fill(_ put: ([DirectoryPiece]) throws -> Void) throws {
        var rest = places.indices[...]
        try ReadAhead.each(countMax: 1) { () -> [DirectoryPiece]? in
            let next = rest.prefix(Self.chunksAtOnceMax)
            rest = rest.dropFirst(next.count)
            return next.isEmpty ? nil : try next.map(self.piece)
        } take: {
            try put($0)
        }
    }

    /// Chunks of a megabyte that one transaction puts into a directory, while as many are read.
    private static let chunksAtOnceMax = 8

    private func piece(_ number: Int) throws(SnapshotFailure) -> DirectoryPiece {
        switch places[number].kind {
        case .entries: .entries(try entries(of: number), of: places[number].shard)
        case .rows: .rows(try packedRows(of: number), of: places[number].shard)
        case .index: throw damaged(number, "the index of another index")
        }
    }
}
