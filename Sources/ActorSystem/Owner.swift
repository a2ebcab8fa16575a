import EventSourcing

/// The single writer of one aggregate: an actor on its shard's executor, so that the shard can enter several owners
/// in one synchronous step.
///
/// It decides against its *running* state, which is ahead of the *committed* one by the events in flight. When none
/// are in flight the two are the same value and only `committed` is kept.
actor Owner<A: Recorded> {
    private nonisolated let executor: UnownedSerialExecutor
    nonisolated let id: A.ID

    private var committed: Versioned<A>
    private var running: Versioned<A>?
    /// What the open batch would make of it.
    private var staged: (value: Versioned<A>, events: [A.Event])?
    /// Proposed and not settled, the oldest at `inFlightFirst`: an array, because a deque of a generic owner's elements
    /// is not specialised and cost a twentieth of the shard's time.
    private var inFlight: [Proposed] = []
    private var inFlightFirst = 0

    /// The last record proposed, or recovered, with an event of this aggregate.
    private(set) var lastProposed: LogIndex
    /// Changes that the `state` database does not have yet.
    private var unsaved: Unsaved?
    /// The generation of the last save; the owner may go once it is durable.
    private(set) var savedIn: UInt64 = 0
    /// History that has been saved and may not be durable, and so not readable, yet.
    private var saving: [(generation: UInt64, history: [HistoryEvent])] = []
    /// The shard's tick at the last use.
    var lastUsed: UInt64 = 0

    private struct Proposed {
        let index: LogIndex
        let time: Timestamp
        let events: [A.Event]
    }

    /// What the `state` database does not have yet.
    private struct Unsaved {
        var history: [HistoryEvent] = []
        var listing: Listing?
    }

    /// A `HistoryRow` that has not been encoded.
    private struct HistoryEvent {
        let version: UInt64
        let index: LogIndex
        let time: Timestamp
        let event: A.Event
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor }

    init(home: UnownedSerialExecutor, value: Versioned<A>, id: A.ID) {
        executor = home
        self.id = id
        committed = value
        lastProposed = value.index
        savedAlarm = value.state.wakeAt
        isListed = value.exists && value.state.listing != nil
    }

    private var isListed: Bool
    private var savedAlarm: Timestamp?
    /// The alarm that the shard knows of.
    private var alarm: Timestamp?

    // MARK: - Deciding

    /// The state that the open batch sees.
    var current: Versioned<A> { staged?.value ?? running ?? committed }

    /// Decides `command` within the open batch. Returns whether this is the batch's first change here.
    func stage(_ command: A.Command, at now: Timestamp) -> Result<(events: [A.Event], isFirst: Bool), A.Refusal> {
        do throws(A.Refusal) {
            let events = try current.state.decide(command, at: now)
            guard !events.isEmpty else { return .success((events, false)) }
            let isFirst = staged == nil
            var next = staged ?? (current, [])
            staged = nil
            next.value.apply(events)
            next.events += events
            staged = next
            return .success((events, isFirst))
        } catch {
            return .failure(error)
        }
    }

    func dropStaged() { staged = nil }

    /// Only what is committed counts: what was in flight may never be.
    func dropRunning() {
        staged = nil
        if Mistake.cedeKeepsRunningState.isMade, let running { committed = running }
        running = nil
        inFlight = []
        inFlightFirst = 0
        lastProposed = committed.index
    }

    var committedRow: [UInt8] { committed.encoded() }

    /// The open batch's events of this aggregate, for its record.
    var stagedChange: (versionBefore: UInt64, events: [A.Event]) {
        guard let staged else { preconditionFailure("an owner without changes is not part of the batch") }
        return (staged.value.version - UInt64(staged.events.count), staged.events)
    }

    /// The batch has been proposed as record `index`: what was staged is now running.
    func runStaged(_ index: LogIndex, at time: Timestamp) {
        guard var next = staged.take() else { preconditionFailure("an owner without changes is not part of the batch") }
        next.value.index = index
        inFlight.append(Proposed(index: index, time: time, events: next.events))
        running = next.value
        lastProposed = index
    }

    // MARK: - Committed

    /// Record `index` is committed: moves the committed state over this aggregate's events in it.
    func settle(_ index: LogIndex) -> Settled {
        precondition(
            inFlightFirst < inFlight.count && inFlight[inFlightFirst].index == index,
            "records settle in the order in which they were proposed")
        let first = inFlight[inFlightFirst]
        inFlightFirst += 1
        if inFlightFirst * 2 >= inFlight.count {
            inFlight.removeFirst(inFlightFirst)
            inFlightFirst = 0
        }
        if inFlight.isEmpty, let value = running {
            committed = value
            running = nil
        } else {
            committed.apply(first.events)
            committed.index = index
        }
        return noteChange(first.events, index: index, time: first.time)
    }

    /// Applies events out of the log when nothing is in flight: at recovery, and on a replica that follows.
    func replay(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp) -> Result<Settled?, RecoveryFailure> {
        precondition(inFlight.isEmpty && staged == nil, "an owner replays before it decides")
        if A.isForgettable, Mistake.noDedupeAfterFailover.isMade { return .success(nil) }
        guard index > committed.index || Mistake.applyTwice.isMade else { return .success(nil) }
        if entry.versionBefore == 0, committed.exists, committed.state.isForgotten(at: time) {
            // It had been forgotten when this was decided; the deletion of its row was lost with the process.
            committed = Versioned(new: id)
            isListed = false
        }
        guard entry.versionBefore == committed.version || Mistake.applyTwice.isMade else {
            return .failure(.versionGap(kind: A.kind.rawValue, expected: committed.version, found: entry.versionBefore, index))
        }
        do throws(MalformedBytes) {
            var events: [A.Event] = []
            for bytes in entry.events { events.append(try A.decodeEvent(bytes)) }
            committed.apply(events)
            committed.index = index
            lastProposed = index
            return .success(noteChange(events, index: index, time: time))
        } catch {
            return .failure(.malformed(index, error))
        }
    }

    private func noteChange(_ events: [A.Event], index: LogIndex, time: Timestamp) -> Settled {
        let becameUnsaved = unsaved == nil
        var next = unsaved.take() ?? Unsaved()
        var version = committed.version - UInt64(events.count)
        for event in events {
            version += 1
            guard A.isHistory(event) else { continue }
            next.history.append(HistoryEvent(version: version, index: index, time: time, event: event))
        }
        var newListing: Listing?
        if !isListed, let row = committed.state.listing {
            isListed = true
            next.listing = row
            newListing = row
        }
        let historyCount = next.history.count
        unsaved = next
        return Settled(
            becameUnsaved: becameUnsaved, historyCount: historyCount, newListing: newListing, alarm: takeAlarm())
    }

    /// What has become of the alarm since the shard was last told.
    private func takeAlarm() -> Settled.Alarm {
        let wanted = committed.state.wakeAt
        guard wanted != alarm else { return .unchanged }
        alarm = wanted
        return wanted.map { .set($0) } ?? .off
    }

    // MARK: - Saving

    /// The rows that bring the `state` database up to the committed state.
    ///
    /// - Parameter flushed: the newest durable generation.
    func takeUnsaved(flushed: UInt64) -> Saved {
        guard let unsaved else { return Saved(changes: []) }
        self.unsaved = nil
        saving.removeAll { $0.generation <= flushed }
        let id = idBytes
        var changes = [StateChange(key: StateKeys.state(A.self, self.id), value: committed.encoded())]
        if let listing = unsaved.listing {
            let key = StateKeys.listing(A.kind, group: listing.group) + listing.key
            changes.append(StateChange(key: key, value: []))
        }
        if let first = unsaved.history.first {
            let key = StateKeys.history(A.kind, id: id, version: first.version)
            changes.append(StateChange(key: key, value: HistoryRow.encode(unsaved.history.map(row))))
            saving.append((.max, unsaved.history))
        }
        let alarm = committed.state.wakeAt
        if alarm != savedAlarm {
            if let savedAlarm { changes.append(StateChange(key: StateKeys.alarm(savedAlarm, A.kind, id: id), value: nil)) }
            if let alarm { changes.append(StateChange(key: StateKeys.alarm(alarm, A.kind, id: id), value: [])) }
            savedAlarm = alarm
        }
        return Saved(changes: changes, listing: unsaved.listing)
    }

    /// What was last taken to be saved is durable once `generation` is.
    func noteSaved(in generation: UInt64) {
        savedIn = generation
        if let last = saving.indices.last, saving[last].generation == .max { saving[last].generation = generation }
    }

    /// Committed history that the `state` database may not have yet, oldest first.
    var recentHistory: [HistoryRow] { (saving.flatMap(\.history) + (unsaved?.history ?? [])).map(row) }

    private func row(_ event: HistoryEvent) -> HistoryRow {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(HistoryRow.eventBytesExpected)
        A.encode(event.event, into: &bytes)
        return HistoryRow(version: event.version, index: event.index, time: event.time, event: bytes)
    }

    var isUnsaved: Bool { unsaved != nil }
    var wakeAt: Timestamp? { committed.state.wakeAt }
    /// Whether everything known here is in the `state` database or on its way there.
    var isIdle: Bool { inFlight.isEmpty && staged == nil && unsaved == nil }

    nonisolated var idBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(StateKeys.keyBytesExpected)
        id.encode(into: &bytes)
        return bytes
    }
}
