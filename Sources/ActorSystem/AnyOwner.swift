import EventSourcing

/// An owner whose kind does not matter to the caller. Every method is called on the shard's executor only; it stops
/// the process elsewhere.
protocol AnyOwner: AnyObject, Sendable {
    func dropStaged()
    func stagedEntry() -> StagedEntry
    func didPropose(_ index: LogIndex, at time: Timestamp, encoded: [[UInt8]])
    func settle(_ index: LogIndex) -> Settled
    func save(flushed: UInt64) -> Saved
    func didSave(in generation: UInt64)
    func canLeave(flushed: UInt64, idleSince tick: UInt64) -> Bool
    /// Forgets what is in flight: another node decides now.
    func dropRunning()
    var isUnsaved: Bool { get }
    /// The committed state's row.
    var committedBytes: [UInt8] { get }
    var kind: AggregateKind { get }
    var idBytes: [UInt8] { get }
}

/// The shard enters its owners without suspending: they share an executor, which `assumeIsolated` checks.
extension Owner: AnyOwner {
    nonisolated func dropStaged() { assumeIsolated { $0.discardStage() } }
    nonisolated func stagedEntry() -> StagedEntry { assumeIsolated { $0.stageEntry() } }
    nonisolated func didPropose(_ index: LogIndex, at time: Timestamp, encoded: [[UInt8]]) {
        assumeIsolated { $0.runStage(index, at: time, encoded: encoded) }
    }
    nonisolated func settle(_ index: LogIndex) -> Settled { assumeIsolated { $0.commit(index) } }
    nonisolated func save(flushed: UInt64) -> Saved { assumeIsolated { $0.takeUnsaved(flushed: flushed) } }
    nonisolated func didSave(in generation: UInt64) { assumeIsolated { $0.noteSaved(in: generation) } }
    nonisolated func canLeave(flushed: UInt64, idleSince tick: UInt64) -> Bool {
        assumeIsolated { $0.isIdle && $0.savedIn <= flushed && $0.lastUsed <= tick }
    }
    nonisolated func dropRunning() { assumeIsolated { $0.discardRunning() } }
    nonisolated var committedBytes: [UInt8] { assumeIsolated { $0.committedRow } }
    nonisolated var isUnsaved: Bool { assumeIsolated { $0.unsaved != nil } }
    nonisolated var kind: AggregateKind { A.kind }
}

/// One aggregate's share of a record.
struct StagedEntry: Sendable {
    let kind: AggregateKind
    let id: [UInt8]
    let versionBefore: UInt64
    let events: [[UInt8]]
}

/// What a committed record meant for the shard's own books.
struct Settled: Sendable {
    /// The owner has to be saved, and had not before.
    let becameUnsaved: Bool
    /// Rows of history that wait to be saved.
    let historyCount: Int
    /// The aggregate has just become a member of this list.
    let newListing: Listing?
    let wakeAt: Timestamp?
}

/// The rows that bring the `state` database up to an owner's committed state.
struct Saved: Sendable {
    var changes: [StateChange]
    /// The list that the aggregate enters with these rows.
    var listing: Listing?
}

/// What the `state` database does not have yet.
struct Unsaved: Sendable {
    /// The first record that brought such a change.
    let since: LogIndex
    var history: [HistoryRow] = []
    var listing: Listing?

    init(since: LogIndex) { self.since = since }
}
