import EventSourcing

/// The rows of a snapshot that has arrived.
public enum SnapshotRows: Sendable {
    case held([StateRow])
    /// The store has them on the disk, where they are not current. No others are put there as long as this is kept.
    case staged(StagedRows)
}

/// Says that a shard's staged rows are wanted: the replica that they were announced to has yet to take or refuse them.
public final class StagedRows: Sendable {
    public init() {}
}
