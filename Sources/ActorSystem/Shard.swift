import DequeModule
import EventSourcing

/// One log and the aggregates that live on it. Owners run on this actor's executor, so that a batch enters several of
/// them in one synchronous step: decide, apply to the running states, propose one record. Only then does anybody wait.
public actor Shard {
    public nonisolated let id: ShardID
    public nonisolated let journal: any Journal
    nonisolated let states: any StateStore
    /// Called when stored bytes cannot be trusted. Serving on would be worse than stopping.
    nonisolated let failStop: @Sendable (any Error) -> Never
    let limits: ShardLimits

    private(set) var tables: [AggregateKind: any AnyOwnerTable] = [:]
    /// Owners changed by the open batch, in the order of their first change.
    private var staged: [any AnyOwner] = []
    /// The newest record that the open batch has looked at.
    private var seen = LogIndex.zero
    private var lastTime = Timestamp.zero
    private var inFlight = Deque<InFlight>()
    private var batches: UInt64 = 0
    /// The number of the batch whose closure is running; 0 between batches.
    private var openBatch: UInt64 = 0

    /// The last record whose events are in the committed states.
    private(set) var settled: LogIndex
    /// Its time.
    private(set) var settledTime = Timestamp.zero
    /// Owners to save, the longest unsaved first.
    var unsaved = Deque<UnsavedOwner>()
    /// The newest checkpoint handed to the journal.
    var checkpointQueued: LogIndex
    /// Owners in memory, in the order in which they will be asked whether they can leave.
    var residents = Deque<any AnyOwner>()
    var tick: UInt64 = 0
    var alarms: [AggregateKind: AlarmClock] = [:]
    /// Members of lists that the `state` database may not have yet.
    var listings = ListingOverlay()
    var forgetting = Forgetting()

    private struct InFlight {
        let index: LogIndex
        let time: Timestamp
        let owners: [any AnyOwner]
    }

    public init(
        id: ShardID, journal: any Journal, states: any StateStore, kinds: [OwnedKind], limits: ShardLimits = ShardLimits(),
        failStop: @escaping @Sendable (any Error) -> Never
    ) {
        precondition(limits.alarmRetry > .zero, "an alarm that is handed out rests")
        self.id = id
        self.journal = journal
        self.states = states
        self.limits = limits
        self.failStop = failStop
        settled = journal.checkpoint
        checkpointQueued = settled
        for kind in kinds { tables[kind.kind] = kind.makeTable() }
    }

    // MARK: - Executing

    /// Runs `body` as one atomic step and answers once everything it rests on is committed, a refusal too.
    ///
    /// - Parameter now: the caller's clock; the record's time is never before an earlier record's.
    /// - Returns: what `body` returned, or the refusal that it threw. After a refusal nothing has changed.
    public nonisolated func execute<Answer: Sendable, Refusal: Error>(
        at now: Timestamp, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        let receipt = try await perform(at: now, body)
        do {
            try await journal.commitment(of: receipt.restsOn)
        } catch {
            throw .outcomeUnknown
        }
        return receipt.answer
    }

    /// Runs `body` without waiting: the answer is not to be told before the receipt's record is committed.
    func perform<Answer: Sendable, Refusal: Error>(
        at now: Timestamp, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) throws(ExecutionFailure) -> Receipt<Answer, Refusal> {
        precondition(staged.isEmpty, "a batch ends before the next begins")
        seen = .zero
        batches += 1
        openBatch = batches
        defer { openBatch = 0 }
        let batch = Batch(shard: self, number: batches, now: max(now, lastTime))
        let answer: Answer
        do throws(Refusal) {
            answer = try body(batch)
        } catch {
            dropStaged()
            return Receipt(answer: .failure(error), restsOn: seen)
        }
        return Receipt(answer: .success(answer), restsOn: try propose(at: batch.now))
    }

    /// Proposes what is staged as one record. Without changes the answer rests on what was looked at.
    private func propose(at time: Timestamp) throws(ExecutionFailure) -> LogIndex {
        guard !staged.isEmpty else { return seen }
        let entries = staged.map { $0.stagedEntry() }
        var body = RecordBodyWriter(entries: entries.count)
        for entry in entries {
            body.write(kind: entry.kind, id: entry.id, versionBefore: entry.versionBefore, events: entry.events)
        }
        let index: LogIndex
        do throws(JournalRefusal) {
            index = try journal.propose(body.bytes, at: time)
        } catch {
            dropStaged()
            throw .refused(error)
        }
        for (owner, entry) in zip(staged, entries) { owner.didPropose(index, at: time, encoded: entry.events) }
        inFlight.append(InFlight(index: index, time: time, owners: staged))
        staged.removeAll(keepingCapacity: true)
        lastTime = time
        return index
    }

    private func dropStaged() {
        for owner in staged { owner.dropStaged() }
        staged.removeAll(keepingCapacity: true)
    }

    // MARK: - For the batch

    func requireOpen(_ batch: UInt64) {
        precondition(batch == openBatch, "a batch ends with the closure that it was handed to")
    }

    func stage<A: Recorded>(
        _: A.Type, _ id: A.ID, _ command: A.Command, at now: Timestamp, isNew: Bool
    ) -> Result<[A.Event], A.Refusal> {
        let owner = owner(A.self, id, isNew: isNew)
        let (result, last) = owner.assumeIsolated { ($0.stage(command, at: now), $0.lastProposed) }
        seen = max(seen, last)
        return result.map { outcome in
            if outcome.isFirst { staged.append(owner) }
            return outcome.events
        }
    }

    func read<A: Recorded>(_: A.Type, _ id: A.ID) -> Versioned<A> {
        guard let owner = table(A.self).owner(id) else { return stored(A.self, id) ?? Versioned(new: id) }
        let tick = tick
        let (value, last) = owner.assumeIsolated { owner in
            owner.lastUsed = tick
            return (owner.current, owner.lastProposed)
        }
        seen = max(seen, last)
        return value
    }

    /// The owner of `id`, with its state rebuilt if it had left memory.
    func owner<A: Recorded>(_: A.Type, _ id: A.ID, isNew: Bool = false) -> Owner<A> {
        let table = table(A.self)
        let tick = tick
        if let owner = table.owner(id) {
            owner.assumeIsolated { $0.lastUsed = tick }
            return owner
        }
        let value = (isNew ? nil : stored(A.self, id)) ?? Versioned(new: id)
        let owner = Owner<A>(home: unownedExecutor, value: value, id: id)
        owner.assumeIsolated { $0.lastUsed = tick }
        table.insert(owner)
        residents.append(owner)
        return owner
    }

    private func stored<A: Recorded>(_: A.Type, _ id: A.ID) -> Versioned<A>? {
        let key = StateKeys.state(A.self, id)
        if A.isForgettable, forgetting.isPending(key) { return nil }
        do {
            return try states.value(forKey: key).map { try Versioned(row: $0, id: id) }
        } catch {
            failStop(error)
        }
    }

    func table<A: Recorded>(_: A.Type) -> OwnerTable<A> {
        guard let table = tables[A.kind] as? OwnerTable<A> else {
            preconditionFailure("\(A.self) is not among the kinds of this shard")
        }
        return table
    }

    func table(of kind: AggregateKind) -> (any AnyOwnerTable)? { tables[kind] }

    func stop(_ error: any Error) -> Never { failStop(error) }

    /// Reads an id that was written here; bytes that are none mean that nothing can be trusted.
    func id<A: Recorded>(_: A.Type, _ bytes: ArraySlice<UInt8>) -> A.ID {
        guard let id = A.ID(encoded: bytes) else { stop(MalformedBytes("an id that its kind does not know", at: 0)) }
        return id
    }

    // MARK: - Committed records

    /// Moves the committed states over every record at and below `index`.
    func settle(through index: LogIndex) {
        while let first = inFlight.first, first.index <= index {
            inFlight.removeFirst()
            for owner in first.owners { note(owner, owner.settle(first.index), at: first.index) }
            settled = first.index
            settledTime = first.time
        }
        saveOldest()
    }

    /// Rebuilds the committed states: the log behind the checkpoint, then the alarms.
    ///
    /// - Returns: the number of records replayed.
    @discardableResult
    public func recover() throws -> Int {
        var count = 0
        let end = journal.committed
        if end > .zero, let last = try journal.records(from: end, countMax: 1, bytesMax: 1).first { lastTime = last.time }
        while settled < end {
            let records = try journal.records(
                from: settled.next, countMax: limits.replayBatchRecords, bytesMax: limits.replayBatchBytes)
            guard !records.isEmpty else { throw LogTruncated(first: settled.next) }
            for record in records { try replay(record) }
            count += records.count
            saveOldest()
        }
        settledTime = lastTime
        try loadAlarms()
        return count
    }

    private func replay(_ record: JournalRecord) throws {
        for entry in try RecordBody(record.bytes).entries {
            guard let table = tables[entry.kind] else {
                throw RecoveryFailure.unknownKind(entry.kind.rawValue, record.index)
            }
            if let (owner, settled) = try table.replay(entry, index: record.index, time: record.time, on: self) {
                note(owner, settled, at: record.index)
            }
        }
        settled = record.index
        lastTime = max(lastTime, record.time)
    }

    private func note(_ owner: any AnyOwner, _ outcome: Settled, at index: LogIndex) {
        if outcome.becameUnsaved { unsaved.append(UnsavedOwner(owner: owner, since: index, tick: tick)) }
        if let listing = outcome.newListing { listings.insert(listing, of: owner.kind) }
        if let moment = outcome.wakeAt { arm(moment, owner) }
        if outcome.historyCount >= limits.unsavedHistoryMax { save([owner]) }
    }
}
