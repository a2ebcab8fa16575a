import Consensus

/// Where the log of one shard begins and ends, and how far its saved states go.
public struct LogBounds: Hashable, Sendable {
    /// The entry before the first that the log still holds.
    public let base: EntryID
    /// The last that is committed.
    public let end: EntryID
    /// At and below it the states have everything.
    public let checkpoint: EntryID

    public init(base: EntryID, end: EntryID, checkpoint: EntryID) {
        self.base = base
        self.end = end
        self.checkpoint = checkpoint
    }
}
