import EventSourcing

/// An owner whose kind does not matter to the caller. Every method is called on the shard's executor only; it stops
/// the process elsewhere.
struct AnyOwner: Sendable {
    private let owner: any Actor
    private let functions: OwnerFunctions

    init<A>(_ owner: Owner<A>, _ functions: OwnerFunctions) {
        self.owner = owner
        self.functions = functions
    }

    var kind: AggregateKind { functions.kind }
    var idBytes: [UInt8] { functions.idBytes(owner) }
    var isUnsaved: Bool { functions.isUnsaved(owner) }
    var lastUsed: UInt64 { functions.lastUsed(owner) }

    func dropStaged() { functions.dropStaged(owner) }
    func writeStaged(to body: inout RecordBodyWriter) { functions.writeStaged(owner, &body) }
    func didPropose(_ stamp: RecordStamp) { functions.didPropose(owner, stamp) }
    /// Forgets what is in flight: another node decides now.
    func dropRunning() { functions.dropRunning(owner) }
    /// The committed state's row.
    var committedBytes: [UInt8] { functions.committedBytes(owner) }
    func settle(_ index: LogIndex) -> Settled { functions.settle(owner, index) }
    func save(flushed: UInt64, to changes: inout StateChanges) -> Listing? { functions.save(owner, flushed, &changes) }
    func didSave(in generation: UInt64) { functions.didSave(owner, generation) }
    func canLeave(flushed: UInt64) -> Bool { functions.canLeave(owner, flushed) }
    func leave(_ table: AnyOwnerTable) { table.remove(owner) }
}

/// What can be asked of the owners of one kind, as functions made where the kind is known. The witnesses of a protocol
/// on a generic actor are never specialised.
///
/// Owners are entered without suspending (`Owner.state`).
final class OwnerFunctions: Sendable {
    let kind: AggregateKind
    let idBytes: @Sendable (any Actor) -> [UInt8]
    let isUnsaved: @Sendable (any Actor) -> Bool
    let lastUsed: @Sendable (any Actor) -> UInt64
    let dropStaged: @Sendable (any Actor) -> Void
    let writeStaged: @Sendable (any Actor, inout RecordBodyWriter) -> Void
    let didPropose: @Sendable (any Actor, RecordStamp) -> Void
    let dropRunning: @Sendable (any Actor) -> Void
    let committedBytes: @Sendable (any Actor) -> [UInt8]
    let settle: @Sendable (any Actor, LogIndex) -> Settled
    let save: @Sendable (any Actor, UInt64, inout StateChanges) -> Listing?
    let didSave: @Sendable (any Actor, UInt64) -> Void
    let canLeave: @Sendable (any Actor, UInt64) -> Bool

    init<A: Recorded>(_: A.Type) {
        // `AnyOwner` pairs an owner with the functions of its own table only.
        @inline(__always) @Sendable func owner(_ any: any Actor) -> Owner<A> { unsafeDowncast(any, to: Owner<A>.self) }
        kind = A.kind
        idBytes = { owner($0).state.idBytes }
        isUnsaved = { owner($0).state.isUnsaved }
        lastUsed = { owner($0).state.lastUsed }
        dropStaged = { owner($0).state.dropStaged() }
        writeStaged = { owner($0).state.writeStaged(to: &$1) }
        didPropose = { owner($0).state.runStaged($1) }
        dropRunning = { owner($0).state.dropRunning() }
        committedBytes = { owner($0).state.committedRow }
        settle = { owner($0).state.settle($1) }
        save = { owner($0).state.takeUnsaved(flushed: $1, to: &$2) }
        didSave = { owner($0).state.noteSaved(in: $1) }
        canLeave = { any, flushed in
            let owner = owner(any)
            return owner.state.isIdle && owner.state.savedIn <= flushed
        }
    }
}

/// What a committed record meant for the shard's own books.
struct Settled: Sendable {
    /// The owner has to be saved, and had not before.
    let becameUnsaved: Bool
    /// Rows of history that wait to be saved.
    let historyCount: Int
    /// The aggregate has just become a member of this list.
    let newListing: Listing?
    let alarm: Alarm

    /// What the record meant for the aggregate's alarm.
    enum Alarm: Sendable {
        case unchanged
        case set(Timestamp)
        case off
    }
}
