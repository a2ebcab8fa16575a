/// The port to stable storage: the logs and hard states of all groups of one node, behind one flush.
///
/// One thread writes, in order; a reader belongs to the driver of its group. Every implementation passes
/// `LogStoreSuite`.
public protocol LogStore {
    associatedtype Reader: LogReader

    /// A view of the log of `group` that follows later writes.
    func reader(of group: GroupID) -> Reader

    /// What a replica of `group` starts from.
    func stored(_ group: GroupID) throws(LogStoreFailure) -> StoredGroup

    /// Performs all of `writes`, in order, as one unit. When this returns they are durable.
    ///
    /// - Throws: once it has, nothing is known about these writes, and every later write throws too: the node stops.
    func write(_ writes: [GroupWrite]) throws(LogStoreFailure)
}

/// What one group adds to a write.
public struct GroupWrite: Hashable, Sendable {
    /// Whose log it is.
    public var group: GroupID
    /// What the replica ordered.
    public var log: LogWrite?
    /// The state machine has stored its state up to here; replay begins behind it.
    public var checkpoint: Snapshot?
    /// Entries up to here go. Never past the checkpoint.
    public var compaction: EntryIndex?

    public init(
        group: GroupID, log: LogWrite? = nil, checkpoint: Snapshot? = nil, compaction: EntryIndex? = nil
    ) {
        self.group = group
        self.log = log
        self.checkpoint = checkpoint
        self.compaction = compaction
    }
}

/// What a group left behind when the node last stopped.
public struct StoredGroup: Hashable, Sendable {
    /// As last written.
    public var hardState: HardState
    /// The newest checkpoint, or the snapshot installed since; nil in a group that was never written.
    public var checkpoint: Snapshot?

    public init(hardState: HardState, checkpoint: Snapshot?) {
        self.hardState = hardState
        self.checkpoint = checkpoint
    }
}

/// A store that can be trusted no longer.
public struct LogStoreFailure: Error, Hashable, Sendable {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The device refused, or what it did is unknown.
        case device
        case full
        /// A checksum or a format is wrong.
        case damaged
        /// It failed before.
        case closed
    }
    /// What went wrong.
    public var code: Code
    /// For a person to read.
    public var message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
