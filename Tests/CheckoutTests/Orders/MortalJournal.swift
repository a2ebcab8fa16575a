import EventSourcing
import Synchronization

/// The life of a node in one process: it ends at a moment of the test's choosing, and with it everything in memory.
final class Life: Sendable {
    private struct State {
        var isOver = false
        var isDoomed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var doomWaiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock(\.isOver) }

    /// Some shard has stopped writing. The node has not noticed yet.
    func doom() {
        let waiting = state.withLock { state in
            state.isDoomed = true
            defer { state.doomWaiting = [] }
            return state.doomWaiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func end() {
        doom()
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func doomed() async {
        await withCheckedContinuation { continuation in
            let isKnown = state.withLock { state in
                if !state.isDoomed { state.doomWaiting.append(continuation) }
                return state.isDoomed
            }
            if isKnown { continuation.resume() }
        }
    }

    func ended() async {
        await withCheckedContinuation { continuation in
            let isKnown = state.withLock { state in
                if !state.isOver { state.waiting.append(continuation) }
                return state.isOver
            }
            if isKnown { continuation.resume() }
        }
    }
}

/// A shard's journal on a node that will die: from some record on nothing reaches the disk any more, though the shard
/// goes on believing in it, and after the node's end nothing answers.
struct MortalJournal: Journal {
    let base: any Journal
    let life: Life
    let congestion: Congestion
    /// The last record that reaches the disk.
    let lastKept: LogIndex
    private let lastProposed: LastProposed

    private final class LastProposed: Sendable {
        let index: Mutex<LogIndex>
        init(_ index: LogIndex) { self.index = Mutex(index) }
    }

    init(_ base: any Journal, life: Life, keeping count: UInt64, congestion: Congestion) {
        self.base = base
        self.life = life
        self.congestion = congestion
        lastKept = LogIndex(base.committed.rawValue.addingReportingOverflow(count).partialValue)
        lastProposed = LastProposed(base.committed)
    }

    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        guard !life.isOver else { throw .closed }
        try congestion.pass()
        let index = try lastProposed.index.withLock { last throws(JournalRefusal) in
            last = last < lastKept ? try base.propose(record, at: time, in: term) : last.next
            return last
        }
        if index > lastKept { life.doom() }
        return index
    }

    func readBarrier() async throws(CommitmentUnknown) -> LogIndex {
        let index = try await base.readBarrier()
        if life.isOver { throw CommitmentUnknown() }
        return index
    }

    func commitment(of index: LogIndex) async throws(CommitmentUnknown) {
        guard index <= lastKept else {
            await life.ended()
            throw CommitmentUnknown()
        }
        try await base.commitment(of: index)
        if life.isOver { throw CommitmentUnknown() }
    }

    func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        guard decision.restsOn <= lastKept else {
            await life.ended()
            throw CommitmentUnknown()
        }
        try await base.confirmation(of: decision)
        if life.isOver { throw CommitmentUnknown() }
    }

    var committed: LogIndex { base.committed }
    var standing: Standing { base.standing }
    var first: LogIndex { base.first }
    var checkpoint: LogIndex { base.checkpoint }
    var flushedGeneration: UInt64 { base.flushedGeneration }
    func commits() -> AsyncStream<LogIndex> { base.commits() }

    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try base.records(from: first, countMax: countMax, bytesMax: bytesMax)
    }

    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 {
        life.isOver ? base.flushedGeneration + 1 : base.checkpoint(changes, through: checkpoint)
    }

    func release(through index: LogIndex) {
        if !life.isOver { base.release(through: index) }
    }
}
