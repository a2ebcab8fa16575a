import Consensus
import EventSourcing
import Storage

/// The content of a snapshot of a node's directory, chunk by chunk: of each shard the log, and then the rows.
final class SnapshotReader {
    private let directory: HeldDirectory
    /// By shard.
    private let bounds: [LogBounds]
    /// Whether it has states, or is a stretch of the log alone.
    private let hasRows: Bool
    private var stage: Stage

    /// What comes next.
    private enum Stage {
        case entries(ShardID, from: EntryIndex)
        case rows(ShardID, HeldRows)
        case end
    }

    init(_ directory: HeldDirectory, _ bounds: [LogBounds], hasRows: Bool) {
        self.directory = directory
        self.bounds = bounds
        self.hasRows = hasRows
        stage = Self.beginning(of: ShardID(0), bounds)
    }

    /// The next chunk, of about a megabyte; nil behind the last.
    ///
    /// - Throws: `StorageError` that names what is missing or damaged.
    func next() throws -> ChunkContent? {
        while true {
            switch stage {
            case .entries(let shard, let next):
                let end = bounds[Int(shard.rawValue)].end.index
                let entries = try directory.entries(of: shard, from: next, bytesMax: FileChunk.bytesTarget)
                    .filter { $0.index <= end }
                guard let last = entries.last else {
                    stage = hasRows ? .rows(shard, try directory.rows(of: shard)) : beginning(behind: shard)
                    continue
                }
                stage = .entries(shard, from: last.index.next)
                return ChunkContent(entries, of: shard)
            case .rows(let shard, let rows):
                guard !rows.isAtEnd else {
                    stage = beginning(behind: shard)
                    continue
                }
                // None in a shard that has no rows yet.
                if let content = try ChunkContent(next: rows, of: shard) { return content }
            case .end: return nil
            }
        }
    }

    private func beginning(behind shard: ShardID) -> Stage {
        Self.beginning(of: ShardID(shard.rawValue + 1), bounds)
    }

    private static func beginning(of shard: ShardID, _ bounds: [LogBounds]) -> Stage {
        let place = Int(shard.rawValue)
        return place < bounds.count ? .entries(shard, from: bounds[place].base.index.next) : .end
    }
}
