import Consensus
import EventSourcing

/// What the owners of a shard see of its replica, and what they have handed in since the driver's last turn.
///
/// Every step of a shard takes its lock, so nothing under it reads the disk or goes through a log: a replica may be
/// busy with both meanwhile.
///
/// Invariant: while this node leads, a proposal that waits has the index that it will have in the log.
struct JournalFront {
    /// Proposals that wait for one turn of the driver: some hundred milliseconds of work. Past it callers are refused.
    static let proposalsMax = 65_536

    /// A decision whose answer waits.
    struct WaitingDecision {
        let index: EntryIndex
        let waiter: Waiter
    }

    private(set) var standing: Standing
    private(set) var checkpoint: EntryIndex
    /// As far as the replica knows; it may be this node before `standing` shows that it leads.
    private(set) var leader: NodeID?
    private(set) var isStopped = false
    /// Whether this node's disk is full.
    var isStorageFull = false
    /// Whether the disks of so many members are full that no proposal would be committed.
    var isMajorityFull = false
    var states: QueuedStates

    private var proposals: [[UInt8]] = []
    private var proposalBytes = 0
    /// The end of the log with `proposals`.
    private var last: EntryIndex
    /// Bytes of what the replica has appended and not yet applied.
    private var uncommittedBytes = 0
    private let uncommittedBytesMax: Int
    /// Leadership is on its way to another member: to take on more would keep it from getting there.
    private var isTransferring = false

    private var deciding: [WaitingDecision] = []
    private var arriving: [WaitingDecision] = []
    /// Decisions without a record: a read barrier comes first.
    private var reading: [WaitingDecision] = []
    /// Waiters whose outcome is known, to be resumed outside the lock.
    private var ready: [(waiter: Waiter, isConfirmed: Bool)] = []
    /// Those among them whose decisions are confirmed.
    private var decided = 0
    /// Callers for whom a read barrier is to begin.
    private var readers: [ReadBarriers.Waiter] = []
    /// Those whose barrier is at its end, to be resumed outside the lock.
    private var read: [ReadBarriers.Outcome] = []

    private var subscribers: [UInt64: AsyncStream<LogIndex>.Continuation] = [:]
    private var subscriptions: UInt64 = 0
    private var told: LogIndex

    init(checkpoint: EntryIndex, isAlone: Bool, uncommittedBytesMax: Int) {
        told = LogIndex(checkpoint.rawValue)
        standing = Standing(committed: told, leadership: nil, replacements: 0)
        self.checkpoint = checkpoint
        states = QueuedStates(checkpoint: checkpoint, isAlone: isAlone)
        last = checkpoint
        self.uncommittedBytesMax = uncommittedBytesMax
    }

    // MARK: - For the owners

    mutating func propose(_ payload: [UInt8], in term: UInt64) -> Result<LogIndex, JournalRefusal> {
        guard !isStopped, !isTransferring, standing.leadership?.term == term else { return .failure(.closed) }
        guard !isStorageFull, !isMajorityFull else { return .failure(.storageFull) }
        // One proposal of any size fits into an empty log.
        let bytes = uncommittedBytes + proposalBytes
        guard bytes == 0 || bytes + payload.count <= uncommittedBytesMax, proposals.count < Self.proposalsMax else {
            return .failure(.full)
        }
        proposals.append(payload)
        proposalBytes += payload.count
        last = last.next
        return .success(LogIndex(last.rawValue))
    }

    enum Answer {
        case known(Bool)
        case later
        /// The driver has to be woken for it.
        case afterDirectives
    }

    mutating func confirmation(of decision: Decision, waking waiter: Waiter) -> Answer {
        guard !isStopped, standing.leadership?.term == decision.term else { return .known(false) }
        let waiting = WaitingDecision(index: EntryIndex(decision.restsOn.rawValue), waiter: waiter)
        // While this node leads alone, no other can decide anything.
        guard decision.isRecorded || states.isAlone else {
            // That what it has seen gets committed would prove nothing: the quorum may have flushed it before the
            // decision, and have another leader by now.
            reading.append(waiting)
            return .afterDirectives
        }
        if decision.restsOn <= standing.committed { return .known(true) }
        deciding.append(waiting)
        return .later
    }

    mutating func arrival(of index: LogIndex, waking waiter: Waiter) -> Answer {
        if index <= standing.committed { return .known(true) }
        if isStopped { return .known(false) }
        arriving.append(WaitingDecision(index: EntryIndex(index.rawValue), waiter: waiter))
        return .later
    }

    /// While this node leads alone, everything that was ever acknowledged is committed here; nil otherwise.
    var committedAlone: LogIndex? {
        !isStopped && states.isAlone && standing.leadership != nil ? standing.committed : nil
    }

    /// - Returns: whether the driver has to be woken for it; false when there will be no answer any more.
    mutating func barrier(waking waiter: ReadBarriers.Waiter) -> Bool {
        guard !isStopped else { return false }
        readers.append(waiter)
        return true
    }

    mutating func subscribe(_ continuation: AsyncStream<LogIndex>.Continuation) -> UInt64? {
        guard !isStopped else { return nil }
        subscriptions += 1
        subscribers[subscriptions] = continuation
        return subscriptions
    }

    mutating func unsubscribe(_ key: UInt64) { subscribers[key] = nil }

    // MARK: - For the driver

    /// Whether the replica has to deal with something, or a waiter can be resumed.
    var hasInput: Bool {
        !proposals.isEmpty || !reading.isEmpty || !ready.isEmpty || !readers.isEmpty || !read.isEmpty
            || maySave && !states.isEmpty
    }

    /// States are in the log: on a disk that is nearly full they wait for room.
    var maySave: Bool { !isStopped && !isStorageFull }

    /// Proposals that wait, for the term in which they were decided; nil when there are none.
    mutating func takeProposals() -> (records: [[UInt8]], first: EntryIndex, term: Term)? {
        guard !proposals.isEmpty, let leadership = standing.leadership else { return nil }
        defer { dropProposals() }
        return (proposals, last.advanced(by: 1 - proposals.count), Term(leadership.term))
    }

    private mutating func dropProposals() {
        proposals = []
        proposalBytes = 0
    }

    mutating func takeReading() -> [WaitingDecision] {
        defer { reading = [] }
        return reading
    }

    mutating func takeReaders() -> [ReadBarriers.Waiter] {
        defer { readers = [] }
        return readers
    }

    /// What the replica has come to.
    struct Progress {
        let standing: Standing
        let leader: NodeID?
        let checkpoint: EntryIndex
        let last: EntryIndex
        let uncommittedBytes: Int
        let isTransferring: Bool
        let isAlone: Bool
        let isStopped: Bool
    }

    mutating func update(_ progress: Progress) {
        let isSameTerm = progress.standing.leadership?.term == standing.leadership?.term
        standing = progress.standing
        leader = progress.leader
        checkpoint = progress.checkpoint
        isTransferring = progress.isTransferring
        states.isAlone = progress.isAlone
        if !isSameTerm { loseLeadership() }
        if standing.leadership != nil {
            let end = progress.last.advanced(by: proposals.count)
            precondition(!isSameTerm || end == last, "a proposal has the index of another entry")
            last = end
        }
        uncommittedBytes = progress.uncommittedBytes
        if progress.isStopped, !isStopped { stop() }
        confirm()
    }

    /// The replica has appended an entry of its own while no proposal waited.
    mutating func logEnds(at index: EntryIndex) { if standing.leadership != nil { last = index } }

    /// The read barrier of `decisions` is at its end. If it has held they wait for what they rest on.
    mutating func endBarrier(of decisions: [WaitingDecision], hasHeld: Bool) {
        guard hasHeld else { return ready += decisions.map { ($0.waiter, false) } }
        deciding += decisions
        confirm()
    }

    /// Read barriers are at their end, and what they found is committed here.
    mutating func endBarriers(_ outcomes: [ReadBarriers.Outcome]) { read += outcomes }

    private mutating func loseLeadership() {
        dropProposals()
        ready += deciding.map { ($0.waiter, false) } + reading.map { ($0.waiter, false) }
        (deciding, reading) = ([], [])
    }

    /// Nothing will be confirmed any more.
    private mutating func stop() {
        isStopped = true
        loseLeadership()
        // What has arrived meanwhile is known to have.
        confirm()
        ready += arriving.map { ($0.waiter, false) }
        read += readers.map { ReadBarriers.Outcome(waiter: $0, index: nil) }
        (arriving, readers) = ([], [])
    }

    /// Sorts out the waiters that have what they wait for.
    private mutating func confirm() {
        let committed = EntryIndex(standing.committed.rawValue)
        if !deciding.isEmpty {
            let before = ready.count
            ready += deciding.lazy.filter { $0.index <= committed }.map { ($0.waiter, true) }
            decided += ready.count - before
            deciding.removeAll { $0.index <= committed }
        }
        if !arriving.isEmpty {
            ready += arriving.lazy.filter { $0.index <= committed }.map { ($0.waiter, true) }
            arriving.removeAll { $0.index <= committed }
        }
    }

    // MARK: - Waking

    /// Which callers to resume, and which to tell of the committed index, outside the lock.
    mutating func takeWakings() -> Wakings {
        var wakings = Wakings(waiters: ready, decided: decided, readers: read, committed: standing.committed)
        (ready, decided, read) = ([], 0, [])
        if wakings.committed > told || isStopped {
            told = wakings.committed
            wakings.subscribers = subscribers.sorted { $0.key < $1.key }.map(\.value)
        }
        wakings.areLast = isStopped
        if isStopped { subscribers = [:] }
        return wakings
    }

    struct Wakings {
        let waiters: [(waiter: Waiter, isConfirmed: Bool)]
        /// How many of them waited for their decisions, and have them.
        let decided: Int
        let readers: [ReadBarriers.Outcome]
        let committed: LogIndex
        var subscribers: [AsyncStream<LogIndex>.Continuation] = []
        var areLast = false

        func perform() {
            for (waiter, isConfirmed) in waiters { waiter.resume(returning: isConfirmed) }
            for outcome in readers { outcome.waiter.resume(returning: outcome.index) }
            for subscriber in subscribers { subscriber.yield(committed) }
            if areLast { for subscriber in subscribers { subscriber.finish() } }
        }
    }
}

/// A caller that waits for a confirmation, and is told whether it came.
typealias Waiter = CheckedContinuation<Bool, Never>
