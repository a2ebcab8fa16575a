import Consensus
import EventSourcing
import Storage

/// The bytes of a snapshot of a node's directory, in pieces, with one or two of them in memory.
public final class SnapshotStream {
    private let directory: HeldDirectory
    private var encoder: SnapshotEncoder
    private var stage = Stage.beginning

    /// What comes next.
    private enum Stage {
        case beginning
        case entries(ShardID, from: EntryIndex)
        case rows(ShardID, HeldRows)
        case end, over
    }

    /// - Parameters:
    ///   - takenAt: the time that the file tells.
    ///   - program: the version of this program.
    public init(of directory: HeldDirectory, takenAt: Timestamp, program: String) {
        self.directory = directory
        encoder = SnapshotEncoder(
            SnapshotHeader(
                file: .random(in: .min ... .max), cluster: directory.identity.cluster, node: directory.identity.node,
                takenAt: takenAt, program: program, shards: directory.bounds))
    }

    /// The next piece, of about a megabyte before it is compressed; nil behind the last.
    ///
    /// - Throws: `StorageError` that names what is missing or damaged.
    public func next() throws -> [UInt8]? {
        while true {
            switch stage {
            case .beginning:
                stage = begin(ShardID(0))
                return encoder.beginning
            case .entries(let shard, let next):
                let entries = try directory.entries(of: shard, from: next, bytesMax: FileChunk.bytesTarget)
                guard let last = entries.last else {
                    stage = .rows(shard, try directory.rows(of: shard))
                    continue
                }
                stage = .entries(shard, from: last.index.next)
                return encoder.chunk(entries, of: shard)
            case .rows(let shard, let rows):
                guard !rows.isAtEnd else {
                    stage = begin(ShardID(shard.rawValue + 1))
                    continue
                }
                let piece = try rows.next(bytesMax: FileChunk.bytesTarget).rows
                // A shard that has none yet.
                guard !piece.isEmpty else { continue }
                return encoder.chunk(piece, of: shard)
            case .end:
                stage = .over
                return encoder.end()
            case .over: return nil
            }
        }
    }

    private func begin(_ shard: ShardID) -> Stage {
        let place = Int(shard.rawValue)
        guard place < directory.bounds.count else { return .end }
        return .entries(shard, from: directory.bounds[place].base.index.next)
    }
}
