import Consensus
import EventSourcing

/// A replica and what its shell has to know around it.
struct ReplicaCore: ~Copyable {
    let shard: ShardID
    var replica: Replica
    /// What was handed on as committed.
    private(set) var committed: EntryIndex
    /// The newest checkpoint that is durable.
    private(set) var checkpoint: EntryIndex
    private(set) var replacements: UInt64 = 0
    var states: QueuedStates
    var isStorageFull = false
    private let retainedEntries: Int

    /// The memberships since the last checkpoint, each with the entry that it is in force from.
    private var memberships: [(since: EntryIndex, membership: Membership)]
    /// Won an election: the term and its first entry.
    private var elected: Leadership?
    /// As `elected`, once everything up to its first entry is committed.
    private(set) var leadership: Leadership?
    private var changes: [PartChange] = []
    /// Whether the end was told.
    private var isStopped = false

    private var writes: [WriteUnderWay] = []
    private var writesCount: UInt64 = 0
    /// The rows of snapshots that have arrived since the last one was taken in.
    private var arrivedRows: [(snapshot: Snapshot, rows: [StateRow])] = []

    private var deciding: [WaitingDecision] = []
    private var arriving: [(index: EntryIndex, waiter: Waiter)] = []
    /// Decisions without a record that wait for the next read barrier.
    private var reading: [WaitingDecision] = []
    /// Those whose barrier is under way, by its number.
    private var barriers: [(number: UInt64, decisions: [WaitingDecision])] = []
    private var barriersCount: UInt64 = 0
    /// Waiters whose outcome is known, to be resumed outside the lock.
    private var ready: [(waiter: Waiter, isConfirmed: Bool)] = []

    var subscribers: [UInt64: AsyncStream<LogIndex>.Continuation] = [:]
    private var subscriptions: UInt64 = 0
    private var told = LogIndex.zero

    private struct WaitingDecision {
        let index: EntryIndex
        let waiter: Waiter
    }

    private struct WriteUnderWay {
        let number: UInt64
        /// The replica's own number for it.
        let sequence: UInt64?
        let snapshot: Snapshot?
        let checkpoint: EntryIndex?
        let generation: UInt64?
    }

    enum Answer {
        case known(Bool)
        case later
        /// The driver has to be woken for it.
        case afterDirectives
    }

    init(shard: ShardID, replica: consuming Replica, checkpoint: Snapshot, retainedEntries: Int) {
        self.shard = shard
        self.replica = replica
        self.retainedEntries = retainedEntries
        committed = checkpoint.last.index
        self.checkpoint = checkpoint.last.index
        states = QueuedStates(checkpoint: checkpoint.last.index, isAlone: checkpoint.membership.hasOneVoter)
        memberships = [(checkpoint.last.index, checkpoint.membership)]
        told = LogIndex(committed.rawValue)
    }

    var standing: Standing {
        Standing(
            committed: LogIndex(committed.rawValue), leadership: leadership, replacements: replacements,
            isBeingReplaced: writes.contains { $0.snapshot != nil })
    }

    // MARK: - For the owners

    mutating func propose(_ payload: [UInt8], in term: UInt64) -> Result<LogIndex, JournalRefusal> {
        guard !isStopped, leadership?.term == term else { return .failure(.closed) }
        guard !isStorageFull else { return .failure(.storageFull) }
        do throws(ProposalRefusal) {
            guard case .appended(_, let indexes) = try replica.propose([payload]) else { return .failure(.closed) }
            return .success(LogIndex(indexes.upperBound.rawValue))
        } catch {
            if case .uncommittedBytes = error { return .failure(.full) }
            return .failure(.closed)
        }
    }

    mutating func confirmation(of decision: Decision, waking waiter: Waiter) -> Answer {
        guard !isStopped, leadership?.term == decision.term else { return .known(false) }
        let waiting = WaitingDecision(index: EntryIndex(decision.restsOn.rawValue), waiter: waiter)
        // While this node leads alone, no other can decide anything.
        guard decision.isRecorded || states.isAlone else {
            // That what it has seen gets committed would prove nothing: the quorum may have flushed it before the
            // decision, and have another leader by now.
            reading.append(waiting)
            return .afterDirectives
        }
        if waiting.index <= committed { return .known(true) }
        deciding.append(waiting)
        return .later
    }

    mutating func arrival(of index: EntryIndex, waking waiter: Waiter) -> Answer {
        if index <= committed { return .known(true) }
        if isStopped { return .known(false) }
        arriving.append((index, waiter))
        return .later
    }

    mutating func subscribe(_ continuation: AsyncStream<LogIndex>.Continuation) -> UInt64? {
        guard !isStopped else { return nil }
        subscriptions += 1
        subscribers[subscriptions] = continuation
        return subscriptions
    }

    // MARK: - For the driver

    mutating func step(_ message: Message, rows: [StateRow]?) throws(StepRefusal) {
        if case .installSnapshot(let snapshot) = message.body {
            guard let rows else { preconditionFailure("a snapshot is announced once its rows have arrived") }
            arrivedRows.removeAll { $0.snapshot == snapshot }
            arrivedRows.append((snapshot, rows))
        }
        try replica.step(message)
        refresh()
    }

    /// The write numbered `number` is durable.
    ///
    /// - Returns: messages that were waiting for it.
    mutating func flushed(_ number: UInt64) -> [Message] {
        precondition(writes.first?.number == number, "a write was reported twice or out of order")
        let write = writes.removeFirst()
        if let generation = write.generation { states.flushed = generation }
        if let index = write.checkpoint { checkpoint = max(checkpoint, index) }
        if let snapshot = write.snapshot { replaced(by: snapshot) }
        let messages = write.sequence.map { replica.flushed($0) } ?? []
        refresh()
        return messages
    }

    private mutating func replaced(by snapshot: Snapshot) {
        replacements += 1
        committed = snapshot.last.index
        checkpoint = snapshot.last.index
        memberships = [(snapshot.last.index, snapshot.membership)]
        states.isAlone = snapshot.membership.hasOneVoter
        changes.append(.replaced(snapshot))
    }

    /// Looks what the last call has made of the replica.
    mutating func refresh() {
        if let failure = replica.failure { return end(failure) }
        let leads = replica.role == .leader
        if leadership != nil, !leads || replica.term.rawValue != leadership?.term { loseLeadership() }
        if !leads {
            elected = nil
        } else if elected?.term != replica.term.rawValue {
            // Nothing is appended between the election and this look but the entry that begins the term.
            elected = Leadership(term: replica.term.rawValue, first: LogIndex(replica.lastIndex.rawValue))
        }
        guard leadership == nil, let elected, elected.first.rawValue <= committed.rawValue else { return }
        leadership = elected
        changes.append(.leads(elected))
    }

    private mutating func loseLeadership() {
        leadership = nil
        changes.append(.cedes)
        let lost = deciding + reading + barriers.flatMap(\.decisions)
        (deciding, reading, barriers) = ([], [], [])
        ready += lost.map { ($0.waiter, false) }
    }

    private mutating func end(_ failure: ReplicaFailure) {
        guard !isStopped else { return }
        changes.append(.stopped(failure))
        close()
    }

    /// Nothing will be confirmed any more.
    mutating func close() {
        guard !isStopped else { return }
        isStopped = true
        if leadership != nil { loseLeadership() }
        elected = nil
        ready += arriving.map { ($0.waiter, false) }
        arriving = []
    }

    // MARK: - Directives

    mutating func directives() -> ReplicaDirectives {
        var directives = ReplicaDirectives()
        if !reading.isEmpty { beginBarrier() }
        var log: LogWrite?
        // A write holds one set of entries: what comes on top waits for the next.
        while replica.hasReady, log == nil {
            var step = replica.ready()
            directives.messages += step.messages
            log = step.write
            for state in step.readStates { endBarrier(state) }
            if let application = step.apply.take() {
                directives.committed += application.entries
                apply(application)
            }
        }
        directives.write = write(log)
        refresh()
        confirm()
        directives.changes = changes
        changes = []
        return directives
    }

    /// Whether `directives` has anything to say.
    var hasDirectives: Bool {
        replica.hasReady || !states.isEmpty && maySave || !changes.isEmpty || !ready.isEmpty || !reading.isEmpty
    }

    /// States are in the log: on a disk that is nearly full they wait for room.
    private var maySave: Bool { !isStopped && !isStorageFull }

    private mutating func apply(_ application: consuming Application) {
        for entry in application.entries {
            if case .membershipChange = entry.payload {
                // One that cannot be made has no effect on any replica.
                if let membership = try? replica.applyMembershipChange(entry) {
                    memberships.append((entry.index, membership))
                    states.isAlone = membership.hasOneVoter
                }
            }
            committed = max(committed, entry.index)
        }
        replica.applied(application)
    }

    private mutating func write(_ log: LogWrite?) -> ShardWrite? {
        if log?.snapshot != nil { states.replace(upTo: log!.snapshot!.last.index) }
        // Saved states could ride along with a snapshot only if they came from it.
        let saved = log?.snapshot == nil && maySave ? states.take() : nil
        guard log != nil || saved != nil else { return nil }
        writesCount += 1
        var write = ShardWrite(shard: shard, number: writesCount)
        write.log = log
        if let snapshot = log?.snapshot {
            guard let rows = arrivedRows.first(where: { $0.snapshot == snapshot })?.rows else {
                preconditionFailure("a snapshot is announced once its rows have arrived")
            }
            write.replacement = rows
            arrivedRows = []
        }
        if let saved {
            write.changes = saved.changes
            write.checkpoint = saved.checkpoint.flatMap { snapshot(at: $0) }
            write.compaction = saved.compaction.flatMap { compaction(upTo: $0, with: write.checkpoint) }
        }
        writes.append(
            WriteUnderWay(
                number: writesCount, sequence: log?.sequence, snapshot: log?.snapshot,
                checkpoint: write.checkpoint?.last.index, generation: saved?.generation))
        return write
    }

    /// Entries up to `index`, and never past the newest checkpoint, may go but for those that are retained.
    private func compaction(upTo index: EntryIndex, with checkpoint: Snapshot?) -> EntryIndex? {
        let newest = checkpoint?.last.index ?? writes.last { $0.checkpoint != nil }?.checkpoint ?? self.checkpoint
        let end = Mistake.compactPastCheckpoint.isMade ? committed : min(index, newest)
        return end.rawValue > UInt64(retainedEntries) ? end.advanced(by: -retainedEntries) : nil
    }

    /// The checkpoint at `index`; nil when it does not move it on.
    private mutating func snapshot(at index: EntryIndex) -> Snapshot? {
        guard index >= checkpoint, index <= committed, let term = replica.term(at: index) else { return nil }
        guard let position = memberships.lastIndex(where: { $0.since <= index }) else { return nil }
        memberships.removeFirst(position)
        return Snapshot(last: EntryID(term: term, index: index), membership: memberships[0].membership)
    }

    // MARK: - Waiting

    private mutating func beginBarrier() {
        barriersCount += 1
        do throws(ReadRefusal) {
            try replica.read(id: barriersCount)
            barriers.append((barriersCount, reading))
        } catch {
            ready += reading.map { ($0.waiter, false) }
        }
        reading = []
    }

    private mutating func endBarrier(_ state: ReadState) {
        guard let position = barriers.firstIndex(where: { $0.number == state.id }) else { return }
        deciding += barriers.remove(at: position).decisions
    }

    /// Sorts out the waiters that have what they wait for.
    private mutating func confirm() {
        let committed = committed
        if !deciding.isEmpty {
            ready += deciding.lazy.filter { $0.index <= committed }.map { ($0.waiter, true) }
            deciding.removeAll { $0.index <= committed }
        }
        if !arriving.isEmpty {
            ready += arriving.lazy.filter { $0.index <= committed }.map { ($0.waiter, true) }
            arriving.removeAll { $0.index <= committed }
        }
    }

    /// Whom to resume, and whom to tell of the committed index, outside the lock.
    mutating func takeWakings() -> Wakings {
        var wakings = Wakings(waiters: ready, committed: LogIndex(committed.rawValue))
        ready = []
        if wakings.committed > told || isStopped {
            told = wakings.committed
            wakings.subscribers = subscribers.sorted { $0.key < $1.key }.map(\.value)
        }
        wakings.areLast = isStopped
        if isStopped { subscribers = [:] }
        return wakings
    }
}
