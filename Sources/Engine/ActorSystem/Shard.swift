import DequeModule
import EventSourcing

/// One log and the aggregates that live on it. Owners run on this actor's executor, so that a batch enters several of
/// them in one synchronous step: decide, apply to the running states, propose one record. Only then does the caller
/// wait.
public actor Shard {
    public nonisolated let id: ShardID
    /// How many the cluster has.
    public nonisolated let count: Int
    public nonisolated let journal: any Journal
    nonisolated let states: any StateStore
    /// Called when stored bytes cannot be trusted. Serving on would be worse than stopping.
    nonisolated let failStop: @Sendable (any Error) -> Never
    let limits: ShardLimits
    /// What may be written.
    nonisolated let gate: VersionGate
    /// Where calls go while another node leads the shard.
    nonisolated let route: (any ShardRoute)?
    /// Is told of every change to a committed state, where replicas are compared.
    let audit: ShardAudit?
    nonisolated let watchers = ChangeWatchers()

    /// The term in which this shard decides; nil while it follows. Compared with the journal's before each step.
    var leads: UInt64?
    /// The last record that this leadership found; at recovery, what the log held.
    var ledSince = LogIndex.zero
    var replacements: UInt64

    /// By the kind's number.
    var tables: [AnyOwnerTable?]
    /// Owners changed by the open batch, in the order of their first change.
    private var staged: [AnyOwner] = []
    /// The newest record that the open batch has looked at.
    private var seen = LogIndex.zero
    /// The version of the cluster that the open batch's events came with.
    private var needed = ClusterVersion.first
    var lastTime = Timestamp.zero
    var inFlight = Deque<InFlight>()
    private var batches: UInt64 = 0
    /// The number of the batch whose closure is running; 0 between batches.
    private var openBatch: UInt64 = 0

    /// The last record whose events are in the committed states.
    var settled: LogIndex
    /// By the kind's number: the last of them that changed an aggregate of the kind, or may have.
    var changed: [LogIndex]
    /// Its time.
    var settledTime = Timestamp.zero
    /// How far the clock is behind the log.
    var clockLag = Duration.zero
    /// The log's time as it was last asked for.
    var clockSeen = Timestamp.zero
    /// As it was last saved.
    var savedTime = Timestamp.zero
    /// Owners to save that are in no round yet, the longest unsaved first.
    var unsaved = Deque<UnsavedOwner>()
    /// Those that are being saved.
    var round: SavingRound?
    /// The newest checkpoint handed to the journal.
    var checkpointQueued: LogIndex
    /// Owners in memory, in the order in which they will be asked whether they can leave.
    var residents = Deque<Resident>()
    var tick: UInt64 = 0
    var alarms: [AggregateKind: AlarmClock] = [:]
    /// Members of lists that the `state` database may not have yet.
    var listings = ListingOverlay()
    var forgetting = Forgetting()
    var pruning = HistoryPruning()

    struct InFlight {
        let index: LogIndex
        let time: Timestamp
        let owners: [AnyOwner]
    }

    /// - Parameters:
    ///   - count: how many shards the cluster has.
    ///   - gate: what the cluster may write, the same for all shards of a node.
    public init(
        id: ShardID, of count: Int = 1, journal: any Journal, states: any StateStore, kinds: [OwnedKind],
        limits: ShardLimits = ShardLimits(), gate: VersionGate = VersionGate(),
        route: (any ShardRoute)? = nil, audit: ShardAudit? = nil,
        failStop: @escaping @Sendable (any Error) -> Never
    ) {
        precondition(limits.alarmRetry > .zero, "an alarm that is handed out rests")
        self.id = id
        self.count = count
        self.journal = journal
        self.states = states
        self.limits = limits
        self.gate = gate
        self.failStop = failStop
        self.route = route
        self.audit = audit
        replacements = journal.standing.replacements
        settled = journal.checkpoint
        checkpointQueued = settled
        changed = Array(repeating: settled, count: Int(StateKeys.kindMax.rawValue) + 1)
        var tables = [AnyOwnerTable?](repeating: nil, count: Int(StateKeys.kindMax.rawValue) + 1)
        for table in kinds.map({ $0.makeTable() }) { tables[Int(table.kind.rawValue)] = table }
        self.tables = tables
    }

    // MARK: - Executing

    /// Runs `body` as one atomic step and answers once everything it rests on is committed, a refusal too. Refused with
    /// `.closed` when this node does not lead the shard.
    ///
    /// - Parameters:
    ///   - now: the caller's clock; the record's time is never before an earlier record's.
    ///   - actor: the account that asks, which the record names; nil for what the shop does by itself.
    /// - Returns: what `body` returned, or the refusal that it threw. After a refusal nothing has changed.
    public nonisolated func execute<Answer: Sendable, Refusal: Error>(
        at now: Timestamp, by actor: ActorID? = nil, _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        try await answer(of: perform(at: now, by: actor, body))
    }

    /// The answer of `receipt`, once everything it rests on is committed.
    nonisolated func answer<Answer: Sendable, Refusal: Error>(
        of receipt: Receipt<Answer, Refusal>
    ) async throws(ExecutionFailure) -> Result<Answer, Refusal> {
        do {
            if receipt.isToldAtOnce { return receipt.answer }
            try await journal.confirmation(of: receipt.decision)
        } catch {
            throw .outcomeUnknown
        }
        return receipt.answer
    }

    /// Runs `body` without waiting: the answer is not to be told before the receipt's record is committed.
    ///
    /// - Parameter keep: decides what is left of a refusal, once everything else that `body` decided is undone.
    func perform<Answer: Sendable, Refusal: Error>(
        at now: Timestamp, by actor: ActorID? = nil, keeping keep: @Sendable (Refusal, Batch) -> Void = { _, _ in },
        _ body: @Sendable (Batch) throws(Refusal) -> Answer
    ) throws(ExecutionFailure) -> Receipt<Answer, Refusal> {
        precondition(staged.isEmpty, "a batch ends before the next begins")
        let (term, committed) = try requireLeadership()
        seen = .zero
        batches += 1
        openBatch = batches
        defer { openBatch = 0 }
        let time = Mistake.expiryByLocalClock.isMade ? now : logTime(now)
        let batch = Batch(shard: self, number: batches, now: time, committed: committed)
        let answer: Result<Answer, Refusal>
        do throws(Refusal) {
            answer = .success(try body(batch))
        } catch {
            dropStaged()
            keep(error, batch)
            // Told without being kept, as it was before the cluster could.
            if !gate.admits(needed) { dropStaged() }
            answer = .failure(error)
        }
        let isRecorded = !staged.isEmpty
        let index = try propose(at: batch.now, in: term, by: actor)
        return Receipt(answer: answer, decision: Decision(term: term, restsOn: index, isRecorded: isRecorded))
    }

    /// Proposes what is staged as one record. Without changes the answer rests on what was looked at.
    private func propose(
        at time: Timestamp, in term: UInt64, by actor: ActorID?
    ) throws(ExecutionFailure) -> LogIndex {
        guard !staged.isEmpty else { return seen }
        guard gate.admits(needed) else {
            dropStaged()
            throw .refused(.newerThanCluster)
        }
        var body = RecordBodyWriter(kinds: staged.lazy.map(\.kind), actor: actor)
        for owner in staged { owner.writeStaged(to: &body) }
        let index: LogIndex
        do throws(JournalRefusal) {
            index = try journal.propose(body.bytes, at: time, in: term)
        } catch {
            dropStaged()
            throw .refused(error)
        }
        let stamp = RecordStamp(index: index, time: time, actor: actor)
        for owner in staged { owner.didPropose(stamp) }
        inFlight.append(InFlight(index: index, time: time, owners: staged))
        staged = []
        needed = .first
        lastTime = time
        return index
    }

    private func dropStaged() {
        for owner in staged { owner.dropStaged() }
        staged.removeAll(keepingCapacity: true)
        needed = .first
    }

    // MARK: - For the batch

    /// Hands `body` a number under which states may be looked at until it returns.
    func opening<Answer>(_ body: (UInt64) -> Answer) -> Answer {
        batches += 1
        openBatch = batches
        defer { openBatch = 0 }
        return body(openBatch)
    }

    func requireOpen(_ batch: UInt64) {
        precondition(batch == openBatch, "a batch ends with the closure that it was handed to")
    }

    func stage<A: Recorded>(
        _: A.Type, _ id: A.ID, _ command: A.Command, at now: Timestamp, isNew: Bool
    ) -> Result<[A.Event], A.Refusal> {
        let table = table(A.self)
        let owner = owner(id, in: table, isNew: isNew)
        let (events, isFirst, restsOn) = owner.state.stage(command, at: now, tick: tick)
        seen = max(seen, restsOn)
        if gate.isClosed, let events = try? events.get() {
            needed = events.reduce(needed) { max($0, A.versionNeeded(for: $1, of: id)) }
        }
        if isFirst { staged.append(table.any(owner)) }
        return events
    }

    /// Hands the aggregate as the open batch sees it to `look`.
    func read<A: Recorded, Answer: Sendable>(
        _: A.Type, _ id: A.ID, at now: Timestamp, _ look: @Sendable (Versioned<A>) -> Answer
    ) -> Answer {
        guard let owner = table(A.self).owner(id) else {
            let stored = stored(A.self, id).flatMap { $0.isForgotten(at: now) ? nil : $0 }
            return look(stored ?? Versioned(new: id))
        }
        owner.state.lastUsed = tick
        seen = max(seen, owner.state.lastProposed)
        if owner.state.countsAsNew(at: now) { return look(Versioned(new: id)) }
        return look(owner.state.running)
    }

    /// The owner of `id`, with its state rebuilt if it had left memory.
    func owner<A: Recorded>(_: A.Type, _ id: A.ID) -> Owner<A> { owner(id, in: table(A.self), isNew: false) }

    private func owner<A: Recorded>(_ id: A.ID, in table: OwnerTable<A>, isNew: Bool) -> Owner<A> {
        if let owner = table.owner(id) { return owner }
        let value = (isNew ? nil : stored(A.self, id)) ?? Versioned(new: id)
        let owner = Owner<A>(home: unownedExecutor, value: value, id: id)
        owner.state.lastUsed = tick
        table.insert(owner)
        residents.append(Resident(owner: table.any(owner), since: tick))
        return owner
    }

    func stored<A: Recorded>(_: A.Type, _ id: A.ID) -> Versioned<A>? {
        let key = StateKeys.state(A.self, id)
        if A.isForgettable, forgetting.isPending(key) { return nil }
        do {
            return try states.value(forKey: key).map { try Versioned(row: $0, id: id) }
        } catch {
            failStop(error)
        }
    }

    func table<A: Recorded>(_: A.Type) -> OwnerTable<A> {
        guard let table = table(of: A.kind)?.table(of: A.self) else {
            preconditionFailure("\(A.self) is not among the kinds of this shard")
        }
        return table
    }

    func table(of kind: AggregateKind) -> AnyOwnerTable? {
        tables.indices.contains(Int(kind.rawValue)) ? tables[Int(kind.rawValue)] : nil
    }

    /// Kinds of which states may be forgotten, ascending.
    var forgettableKinds: [AggregateKind] { tables.compactMap { $0?.isForgettable == true ? $0?.kind : nil } }

    func stop(_ error: any Error) -> Never { failStop(error) }

    /// Reads an id that was written here; bytes that are none mean that nothing can be trusted.
    func id<A: Recorded>(_: A.Type, _ bytes: ArraySlice<UInt8>) -> A.ID {
        guard let id = A.ID(encoded: bytes) else { stop(MalformedBytes("an id that its kind does not know", at: 0)) }
        return id
    }
}
