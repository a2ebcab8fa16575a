import Consensus
import EventSourcing
import Foundation
import Storage

/// A snapshot that has been proved to be, byte for byte, what was written.
public final class SnapshotFile: Sendable {
    public let path: String
    public let header: SnapshotHeader
    let places: [ChunkPlace]
    private let descriptor: Int32
    private let seed: UInt32

    /// Reads all of the file, and checks each chunk and the whole.
    ///
    /// - Throws: which place is not as it was written.
    public init(path: String) throws(SnapshotFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .posix("opening \(path)") }
        do throws(SnapshotFailure) {
            var walk = try SnapshotWalk(path: path, descriptor: descriptor)
            (header, seed) = try walk.header()
            places = try walk.chunks(seed: seed)
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The payload of a chunk, read and checked once more.
    func payload(of number: Int) throws(SnapshotFailure) -> [UInt8] {
        let offset = places[number].offset
        return try SnapshotWalk(path: path, descriptor: descriptor).payload(number, at: offset, seed: seed)
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
        header.shards.indices.map { SnapshotStates(of: ShardID(UInt16($0)), in: self) }
    }

    /// Puts all logs and states of the snapshot into a data directory, which is left to be finished.
    public func fill(_ directory: NewDirectory) throws {
        for (number, place) in places.enumerated() {
            switch place.kind {
            case .entries: try directory.append(try entries(of: number), to: place.shard)
            case .rows: try directory.add(try rows(of: number), to: place.shard)
            case .index: break
            }
        }
    }
}
