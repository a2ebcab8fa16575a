import EventSourcing

/// What an owner knows of its aggregate, and what becomes of it.
///
/// It decides against its *running* state, which is ahead of the *committed* one by the events in flight and by what
/// the open batch has staged. When there are none the two are the same value, and only `running` is kept.
final class OwnerState<A: Recorded> {
    let id: A.ID

    private(set) var running: Versioned<A>
    /// The committed state, while it is another one.
    private(set) var committedApart: Versioned<A>?
    /// What the open batch has decided; `running` has it.
    private var staged: [A.Event] = []
    /// Whether it begins anew: before it, the aggregate was forgotten.
    private var isStagedAnew = false
    /// Proposed and not settled, the oldest at `inFlightFirst`: an array, because a deque of a generic owner's elements
    /// is not specialised and cost a twentieth of the shard's time.
    private var inFlight: [ProposedEvents<A>] = []
    private var inFlightFirst = 0

    /// The last record proposed, or recovered, with an event of this aggregate.
    private(set) var lastProposed: LogIndex
    /// Whether the `state` database is behind the committed state.
    private(set) var isUnsaved = false
    /// History that it does not have yet.
    private var unsavedHistory: [HistoryEvent] = []
    /// The list that it does not have this aggregate in yet.
    private var unsavedListing: Listing?
    /// The generation of the last save; the owner may go once it is durable.
    private(set) var savedIn: UInt64 = 0
    /// History that has been saved and may not be durable, and so not readable, yet.
    private var saving: [(generation: UInt64, history: [HistoryEvent])] = []
    /// The shard's tick at the last use.
    var lastUsed: UInt64 = 0

    /// A `HistoryRow` that has not been encoded.
    private struct HistoryEvent {
        let version: UInt64
        let stamp: RecordStamp
        let event: A.Event
    }

    init(_ value: Versioned<A>, id: A.ID) {
        self.id = id
        running = value
        lastProposed = value.index
        savedAlarm = value.state.wakeAt
        isListed = value.exists && value.state.listing != nil
    }

    private var isListed: Bool
    /// The list that it was in before it began anew.
    private var formerListing: Listing?
    private var savedAlarm: Timestamp?
    /// The alarm that the shard knows of.
    private var alarm: Timestamp?

    // MARK: - Deciding

    /// Decides `command` within the open batch.
    ///
    /// - Returns: the events, whether they are the batch's first here, and the record that the decision rests on.
    func stage(
        _ command: A.Command, at now: Timestamp, tick: UInt64
    ) -> (events: Result<[A.Event], A.Refusal>, isFirst: Bool, restsOn: LogIndex) {
        lastUsed = tick
        let isAnew = countsAsNew(at: now)
        let events: [A.Event]
        do throws(A.Refusal) {
            if isAnew {
                events = try A(id: id).decide(command, at: now)
            } else {
                events = try running.state.decide(command, at: now)
            }
        } catch {
            return (.failure(error), false, lastProposed)
        }
        guard !events.isEmpty else { return (.success(events), false, lastProposed) }
        let isFirst = staged.isEmpty
        if isFirst {
            if committedApart == nil { committedApart = running }
            staged = events
            isStagedAnew = isAnew
            if isAnew { running = Versioned(new: id) }
        } else {
            staged += events
        }
        running.apply(events)
        return (.success(events), isFirst, lastProposed)
    }

    /// Whether the next record, of the time `now`, finds nothing here, though it may not have been forgotten yet.
    func countsAsNew(at now: Timestamp) -> Bool {
        A.isForgettable && staged.isEmpty && running.isForgotten(at: now) && !Mistake.forgottenStands.isMade
    }

    /// The batch is refused: what it staged never was.
    func dropStaged() {
        guard !staged.isEmpty, var value = committedApart else { return }
        staged = []
        for proposed in inFlight[inFlightFirst...] { proposed.apply(to: &value, id) }
        running = value
        if inFlightFirst == inFlight.count { committedApart = nil }
    }

    /// Only what is committed counts: what was in flight may never be.
    func dropRunning() {
        staged = []
        inFlight = []
        inFlightFirst = 0
        if let committedApart, !Mistake.cedeKeepsRunningState.isMade { running = committedApart }
        committedApart = nil
        lastProposed = running.index
    }

    /// The open batch's events of this aggregate, for its record.
    func writeStaged(to body: inout RecordBodyWriter) {
        precondition(!staged.isEmpty, "an owner without changes is not part of the batch")
        let versionBefore = running.version - UInt64(staged.count)
        body.beginEntry(kind: A.kind, versionBefore: versionBefore, events: staged.count) { id.encode(into: &$0) }
        for event in staged { body.writeEvent { A.encode(event, into: &$0) } }
    }

    /// The batch has been proposed as the record of `stamp`: what was staged is in flight.
    func runStaged(_ stamp: RecordStamp) {
        inFlight.append(ProposedEvents(stamp: stamp, events: staged, areAnew: isStagedAnew))
        staged = []
        running.index = stamp.index
        lastProposed = stamp.index
    }

    // MARK: - Committed

    var committedRow: [UInt8] { (committedApart ?? running).encoded() }

    /// Record `index` is committed: moves the committed state over this aggregate's events in it.
    func settle(_ index: LogIndex) -> Settled {
        precondition(
            inFlightFirst < inFlight.count && inFlight[inFlightFirst].stamp.index == index,
            "records settle in the order in which they were proposed")
        let first = inFlight[inFlightFirst]
        inFlightFirst += 1
        if first.areAnew { leaveList(committedApart?.state.listing) }
        if inFlightFirst == inFlight.count {
            inFlight.removeAll(keepingCapacity: true)
            inFlightFirst = 0
            committedApart = nil
        } else {
            if inFlightFirst * 2 >= inFlight.count {
                inFlight.removeFirst(inFlightFirst)
                inFlightFirst = 0
            }
            first.apply(to: &committedApart!, id)
        }
        return noteChange(first.events, first.stamp)
    }

    /// Applies events out of the log when nothing is in flight: at recovery, and on a replica that follows.
    func replay(_ entry: RecordBody.Entry, _ stamp: RecordStamp) -> Result<Settled?, RecoveryFailure> {
        let index = stamp.index
        precondition(committedApart == nil, "an owner replays before it decides")
        if A.isForgettable, Mistake.noDedupeAfterFailover.isMade { return .success(nil) }
        guard index > running.index || Mistake.applyTwice.isMade else { return .success(nil) }
        // Records of before it counted as new may go on from it.
        if entry.versionBefore == 0, running.isForgotten(at: stamp.time) {
            leaveList(running.state.listing)
            running = Versioned(new: id)
        }
        guard entry.versionBefore == running.version || Mistake.applyTwice.isMade else {
            return .failure(
                .versionGap(kind: A.kind.rawValue, expected: running.version, found: entry.versionBefore, index))
        }
        do throws(MalformedBytes) {
            var events: [A.Event] = []
            for bytes in entry.events { events.append(try A.decodeEvent(bytes)) }
            running.apply(events)
            running.index = index
            lastProposed = index
            return .success(noteChange(events, stamp))
        } catch {
            return .failure(.malformed(index, error))
        }
    }

    /// It begins anew: the next saved state leaves the list that it is in.
    private func leaveList(_ listing: Listing?) {
        guard isListed else { return }
        isListed = false
        formerListing = formerListing ?? listing
        unsavedListing = nil
    }

    private func noteChange(_ events: [A.Event], _ stamp: RecordStamp) -> Settled {
        let becameUnsaved = !isUnsaved
        isUnsaved = true
        var version = committedVersion - UInt64(events.count)
        for event in events {
            version += 1
            guard A.isHistory(event) else { continue }
            unsavedHistory.append(HistoryEvent(version: version, stamp: stamp, event: event))
        }
        var newListing: Listing?
        if !isListed, let listing = committedListing {
            isListed = true
            unsavedListing = listing
            newListing = listing
        }
        return Settled(
            becameUnsaved: becameUnsaved, historyCount: unsavedHistory.count, newListing: newListing, alarm: takeAlarm()
        )
    }

    private var committedVersion: UInt64 { committedApart?.version ?? running.version }
    private var committedListing: Listing? {
        committedApart == nil ? running.state.listing : committedApart!.state.listing
    }

    /// What has become of the alarm since the shard was last told.
    private func takeAlarm() -> Settled.Alarm {
        let wanted = wakeAt
        guard wanted != alarm else { return .unchanged }
        alarm = wanted
        return wanted.map { .set($0) } ?? .off
    }

    // MARK: - Saving

    /// Adds the rows that bring the `state` database up to the committed state.
    ///
    /// - Parameter flushed: the newest durable generation.
    /// - Returns: the list that the aggregate enters with these rows.
    func takeUnsaved(flushed: UInt64, to changes: inout StateChanges) -> Listing? {
        guard isUnsaved else { return nil }
        isUnsaved = false
        saving.removeAll { $0.generation <= flushed }
        changes.set {
            StateKeys.state(A.self, id, into: &$0)
        } to: {
            // Neither is copied.
            if committedApart == nil { running.encode(into: &$0) } else { committedApart!.encode(into: &$0) }
        }
        let listing = unsavedListing
        if let former = formerListing {
            formerListing = nil
            if former != committedListing, !former.group.isEmpty {
                changes.delete { StateKeys.listing(A.kind, former, into: &$0) }
            }
        }
        if let listing {
            // The list of all of a kind is read from their states.
            if !listing.group.isEmpty { changes.set { StateKeys.listing(A.kind, listing, into: &$0) } }
            unsavedListing = nil
        }
        if let first = unsavedHistory.first {
            changes.set {
                StateKeys.history(A.kind, id, version: first.version, into: &$0)
            } to: {
                HistoryRow.encode(unsavedHistory, into: &$0) { ($0.version, $0.stamp) } event: {
                    A.encode($0.event, into: &$1)
                }
            }
            saving.append((.max, unsavedHistory))
            unsavedHistory = []
        }
        let alarm = wakeAt
        if alarm != savedAlarm {
            if let savedAlarm { changes.delete { StateKeys.alarm(savedAlarm, A.kind, id, into: &$0) } }
            if let alarm { changes.set { StateKeys.alarm(alarm, A.kind, id, into: &$0) } }
            savedAlarm = alarm
        }
        return listing
    }

    /// What was last taken to be saved is durable once `generation` is.
    func noteSaved(in generation: UInt64) {
        savedIn = generation
        if let last = saving.indices.last, saving[last].generation == .max { saving[last].generation = generation }
    }

    /// Committed history that the `state` database may not have yet, oldest first.
    var recentHistory: [HistoryRow] { (saving.flatMap(\.history) + unsavedHistory).map(row) }

    private func row(_ event: HistoryEvent) -> HistoryRow {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(HistoryRow.eventBytesExpected)
        A.encode(event.event, into: &bytes)
        let stamp = event.stamp
        return HistoryRow(
            version: event.version, index: stamp.index, time: stamp.time, actor: stamp.actor, event: bytes)
    }

    /// When the committed state wants attention.
    var wakeAt: Timestamp? { committedApart == nil ? running.state.wakeAt : committedApart!.state.wakeAt }
    /// Whether everything known here is in the `state` database or on its way there.
    var isIdle: Bool { committedApart == nil && !isUnsaved }

    var idBytes: [UInt8] { StateKeys.key { id.encode(into: &$0) } }
}
