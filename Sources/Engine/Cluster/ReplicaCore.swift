import Consensus
import EventSourcing
import Synchronization

/// A replica and what its driver has to know around it. The lock around it may be held while the disk is read.
struct ReplicaCore: ~Copyable {
    let shard: ShardID
    var replica: Replica
    /// What was handed on as committed.
    var committed: EntryIndex
    /// The newest checkpoint that is durable.
    var checkpoint: EntryIndex
    private(set) var replacements: UInt64 = 0
    let retainedEntries: Int

    /// The memberships since the last checkpoint, each with the entry that it is in force from.
    var memberships: [(since: EntryIndex, membership: Membership)]
    /// Won an election: the term and its first entry.
    private var elected: Leadership?
    /// As `elected`, once everything up to its first entry is committed.
    private var leadership: Leadership?
    var changes: [PartChange] = []
    /// Whether the end was told.
    var isStopped = false
    /// Whether entries were appended that no member was sent.
    var hasUnsent = false

    var writes: [WriteUnderWay] = []
    var writesCount: UInt64 = 0
    /// The rows of snapshots that have arrived since the last one was taken in.
    var arrivedRows: [(snapshot: Snapshot, rows: SnapshotRows)] = []

    /// Decisions whose read barrier is under way, by its number.
    var barriers: [(number: UInt64, decisions: [JournalFront.WaitingDecision])] = []
    /// The number of the last one. It begins anywhere: an answer to what a node asked before a restart has no meaning.
    var barriersCount: UInt64
    /// Those whose barrier is at its end since the front was last told.
    var held: [JournalFront.WaitingDecision] = []
    var lost: [JournalFront.WaitingDecision] = []
    /// Callers on this node who wait for read barriers, whichever node leads.
    var readers: ReadBarriers
    /// What they are to be told since the front was last told.
    var readOutcomes: [ReadBarriers.Outcome] = []

    /// When this replica campaigns since the connection to its leader has ended; nil when it waits for the election
    /// timeout alone.
    var succession: Succession?

    struct WriteUnderWay {
        let number: UInt64
        /// The replica's own number for it.
        let sequence: UInt64?
        let snapshot: Snapshot?
        let checkpoint: EntryIndex?
        let generation: UInt64?
    }

    init(
        shard: ShardID, replica: consuming Replica, checkpoint: Snapshot, retainedEntries: Int, electionTicks: Int,
        firstBarrier: UInt64
    ) {
        self.shard = shard
        self.replica = replica
        readers = ReadBarriers(electionTicks: electionTicks)
        barriersCount = firstBarrier
        self.retainedEntries = retainedEntries
        committed = checkpoint.last.index
        self.checkpoint = checkpoint.last.index
        memberships = [(checkpoint.last.index, checkpoint.membership)]
    }

    // MARK: - The front

    /// Appends the proposals that wait.
    mutating func takeProposals(of front: inout JournalFront) {
        guard let (records, first, term) = front.takeProposals() else { return }
        let next = replica.lastIndex.next
        // Proposals of a leadership that is over are dropped: whatever waits for them is told so.
        guard replica.append(records, in: term) else { return }
        precondition(next == first, "a proposal has the index of another entry")
        hasUnsent = true
    }

    /// Shows how things stand.
    mutating func show(on front: inout JournalFront) {
        front.endBarrier(of: lost, hasHeld: false)
        front.update(
            JournalFront.Progress(
                standing: Standing(
                    committed: LogIndex(committed.rawValue), leadership: leadership, replacements: replacements,
                    isBeingReplaced: writes.contains { $0.snapshot != nil }),
                leader: isStopped ? nil : replica.leader, checkpoint: checkpoint, last: replica.lastIndex,
                uncommittedBytes: replica.uncommittedBytes,
                isTransferring: replica.transferee != nil, isAlone: memberships.last!.membership.hasOneVoter,
                isStopped: isStopped))
        // Held under the leadership that has just been shown.
        front.endBarrier(of: held, hasHeld: true)
        front.endBarriers(readOutcomes + readers.takeOutcomes(committed: LogIndex(committed.rawValue)))
        (lost, held, readOutcomes) = ([], [], [])
    }

    // MARK: - Driving

    mutating func step(_ message: Message, rows: SnapshotRows?) throws(StepRefusal) {
        // Rows that the replica does not want are let go.
        defer { arrivedRows.removeAll { $0.snapshot != replica.arrivingSnapshot } }
        if case .installSnapshot(let snapshot) = message.body {
            guard let rows else { preconditionFailure("a snapshot is announced once its rows have arrived") }
            arrivedRows.removeAll { $0.snapshot == snapshot }
            arrivedRows.append((snapshot, rows))
        }
        try replica.step(message)
    }

    /// The write numbered `number` is durable.
    ///
    /// - Returns: messages that were waiting for it.
    mutating func flushed(_ number: UInt64, _ front: borrowing Mutex<JournalFront>) -> [Message] {
        precondition(writes.first?.number == number, "a write was reported twice or out of order")
        let write = writes.removeFirst()
        if let generation = write.generation { front.withLock { $0.states.flushed = generation } }
        if let index = write.checkpoint { checkpoint = max(checkpoint, index) }
        if let snapshot = write.snapshot { replaced(by: snapshot) }
        return write.sequence.map { replica.flushed($0) } ?? []
    }

    private mutating func replaced(by snapshot: Snapshot) {
        replacements += 1
        committed = snapshot.last.index
        checkpoint = snapshot.last.index
        memberships = [(snapshot.last.index, snapshot.membership)]
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
        guard !isStopped, leadership == nil, let elected, elected.first.rawValue <= committed.rawValue else { return }
        leadership = elected
        changes.append(.leads(elected))
    }

    private mutating func loseLeadership() {
        leadership = nil
        changes.append(.cedes)
        lost += held + barriers.flatMap(\.decisions)
        (held, barriers) = ([], [])
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
        readOutcomes += readers.close()
    }
}
