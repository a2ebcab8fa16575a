/// What a replica wants done since the last `Ready`. Handled once, in the order of the calls to `ready`.
///
/// With synchronous storage writes: write and flush `hardState`, `entries` and `snapshot`, then send `messages`, then
/// apply `committedEntries`, then call `advance`.
///
/// With asynchronous ones: send `messages`; write and flush `write`, then call `flushed`; apply the entries of `apply`,
/// then call `applied`. These three run beside each other; writes keep their order, and so do applications.
public struct Ready: ~Copyable {
    /// Set when the leader or the role changed.
    public let softState: SoftState?
    /// Set when it changed.
    public let hardState: HardState?
    /// Reads that may be served once their index is applied.
    public let readStates: [ReadState]
    /// To be written over the log's end, from the index of the first on.
    public let entries: [Entry]
    /// To be installed, as one with the write: it replaces the log and the state machine.
    public let snapshot: Snapshot?
    /// To be applied, in order.
    public let committedEntries: [Entry]
    /// To be sent, each to the node it names.
    public let messages: [Message]
    /// Whether `hardState` and `entries` have to be flushed, and not only written. A `snapshot` always has to be.
    public let mustSync: Bool
    /// Set with asynchronous storage writes only.
    public let write: LogWrite?
    /// Set with asynchronous storage writes only.
    public var apply: Application?
    let sequence: UInt64
}

/// One write to the log of one group: a replica's order to the append thread.
public struct LogWrite: Hashable, Sendable {
    /// Rises from one write of a replica to the next.
    public let sequence: UInt64
    /// Set when it changed.
    public let hardState: HardState?
    /// To be written over the log's end, from the index of the first on.
    public let entries: [Entry]
    /// To be installed, in the same unit: it replaces the log and the state machine, and `entries` follow it.
    public let snapshot: Snapshot?
    /// Whether a caller waits for it. If not, it may ride on the next flush.
    public let needsFlush: Bool

    public init(
        sequence: UInt64, hardState: HardState? = nil, entries: [Entry] = [], snapshot: Snapshot? = nil,
        needsFlush: Bool = true
    ) {
        self.sequence = sequence
        self.hardState = hardState
        self.entries = entries
        self.snapshot = snapshot
        self.needsFlush = needsFlush
    }
}

/// Committed entries to apply: a replica's order to the apply thread. Only the replica makes it, and it can be handed
/// back only once, so nothing past the commit index can ever be reported as applied.
public struct Application: ~Copyable, Sendable {
    public let entries: [Entry]
}
