import Consensus
import EventSourcing

/// Some of what a new directory is filled with.
public enum DirectoryPiece: Sendable {
    /// Entries that follow those that the log of a shard has already.
    case entries([Entry], of: ShardID)
    case rows(PackedRows, of: ShardID)
}
