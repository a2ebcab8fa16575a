import Consensus
import EventSourcing

/// What the replica of one shard wants done.
struct ReplicaDirectives {
    /// To be sent at once, each to the node it names. The bytes of an announced snapshot go before its message.
    var messages: [Message] = []
    /// To be written to the store. Once it is durable: `flushed`, with its number; if that fails: `flushFailed`.
    var write: ShardWrite?
    /// What has become known to be committed, and is in the store.
    var committed: [Entry] = []
    /// In their order.
    var changes: [PartChange] = []
    /// Callers who have been told that their decisions are durable.
    var answered = 0
}

/// A change in the part that this replica plays.
public enum PartChange: Hashable, Sendable {
    /// This node decides for the shard from now on, and looks after what no request calls.
    case leads(Leadership)
    /// It does no longer.
    case cedes
    /// Another node's states and log have replaced ours.
    case replaced(Snapshot)
    /// The replica takes no further part. The node starts over from what it stored.
    case stopped(ReplicaFailure)
}

/// One shard's part of a transaction of its node's store: durable as a whole, or not at all.
public struct ShardWrite: Sendable {
    public let shard: ShardID
    /// Rises by one from each write of a shard to the next.
    public let number: UInt64
    /// Entries and hard state. A snapshot in it replaces log and states.
    public var log: LogWrite?
    /// With a snapshot: all the rows that the shard has then, in place of those it had.
    public var replacement: SnapshotRows?
    /// Changes to states.
    public var changes = StateChanges()
    /// At and below it the states, with `changes`, have everything.
    public var checkpoint: Snapshot?
    /// Entries up to here may go: the store's retention says which of them do.
    public var compaction: EntryIndex?

    public init(shard: ShardID, number: UInt64) {
        self.shard = shard
        self.number = number
    }

    /// Whether a caller waits for it. If not, it may ride on the next flush.
    public var needsFlush: Bool { log?.needsFlush ?? false || log?.snapshot != nil }
}
