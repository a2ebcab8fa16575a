import DequeModule
import EventSourcing

/// An owner whose changes wait to be saved, and since which record.
struct UnsavedOwner: Sendable {
    let owner: AnyOwner
    let place: RowPlace
    /// A lower bound: the owner may have been saved since, and changed again.
    let since: LogIndex
    let tick: UInt64

    init(_ owner: AnyOwner, since: LogIndex, tick: UInt64) {
        self.owner = owner
        place = RowPlace(owner)
        self.since = since
        self.tick = tick
    }
}

/// An owner in memory, and the tick at which it came or was last asked whether it can leave.
struct Resident: Sendable {
    let owner: AnyOwner
    let since: UInt64
}

/// Incremental checkpoints: changed states ride on ordinary commits, and the log behind the oldest unsaved change needs
/// no replay.
extension Shard {
    /// Saves the next of the present round, or begins one when an owner has waited long enough.
    func saveNext() {
        if round == nil, let first = unsaved.first,
            first.since.rawValue + limits.saveLagRecords <= settled.rawValue || first.tick + limits.saveLagTicks <= tick
        {
            beginRound()
        }
        guard let owners = round?.take(at: settled, limit: limits.ownersPerStepMax) else { return }
        save(owners)
    }

    /// Saves the next of the present round, at most `count`.
    func saveMore(_ count: Int) {
        guard let owners = round?.take(min(count, limits.ownersPerStepMax)) else { return }
        save(owners)
    }

    /// Saves everything, so that a restart replays nothing. Called when nothing is in flight any more.
    public func saveAll() {
        settle()
        while round != nil || !unsaved.isEmpty {
            if round == nil { beginRound() }
            saveMore(.max)
        }
    }

    private func beginRound() {
        round = SavingRound(unsaved, at: settled, tick, lag: limits.saveLagRecords, lagTicks: limits.saveLagTicks)
        unsaved = []
    }

    /// Queues what brings the `state` database up to `owners`, and the checkpoint that it allows.
    func save(_ owners: [AnyOwner]) {
        if round?.isEmpty == true { round = nil }
        let oldest = round?.since ?? unsaved.first?.since
        let checkpoint = oldest.map { LogIndex($0.rawValue - 1) } ?? settled
        guard !owners.isEmpty || checkpoint > checkpointQueued else { return }
        checkpointQueued = max(checkpoint, checkpointQueued)
        let flushed = journal.flushedGeneration
        var changes = StateChanges()
        let entered = owners.map { $0.save(flushed: flushed, to: &changes) }
        saveClock(to: &changes)
        let generation = journal.checkpoint(changes, through: checkpoint)
        for (owner, listing) in zip(owners, entered) {
            owner.didSave(in: generation)
            if let listing { listings.didSave(listing, of: owner.kind, in: generation) }
        }
    }

    /// The row that tells a restart the log's time, whatever is left of the log by then.
    private func saveClock(to changes: inout StateChanges) {
        guard settledTime > savedTime else { return }
        savedTime = settledTime
        let row = StoredStates.clockRow(settledTime)
        changes.set({ $0 += row.key }, to: { $0 += row.value })
    }

    /// The log's time as it was last saved.
    func storedTime() throws -> Timestamp? { try StoredStates.time(in: states) }

    /// Lets go of what stood in for rows that are durable by now.
    func beginLeaving() {
        let flushed = journal.flushedGeneration
        forgetting.didFlush(flushed)
        listings.forget(flushed: flushed)
    }

    /// Lets owners leave that have been idle and are saved; their state is rebuilt on demand.
    ///
    /// - Parameter count: how many are asked at most.
    /// - Returns: whether there are more to ask.
    @discardableResult
    func passivate(_ count: Int) -> Bool {
        let flushed = journal.flushedGeneration
        for _ in 0..<min(residents.count, count) {
            let isCrowded = residents.count > limits.residentsMax
            // The one asked last stands last, so that behind one that is not due none is.
            guard let first = residents.first, isCrowded || first.since + limits.idleTicks <= tick else { return false }
            residents.removeFirst()
            let isIdle = isCrowded || first.owner.lastUsed + limits.idleTicks <= tick
            if isIdle, first.owner.canLeave(flushed: flushed), let table = table(of: first.owner.kind) {
                first.owner.leave(table)
            } else {
                residents.append(Resident(owner: first.owner, since: tick))
            }
        }
        return !residents.isEmpty
    }

    /// Owners in memory.
    public var residentCount: Int { residents.count }
}
