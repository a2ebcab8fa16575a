import EventSourcing
import Synchronization

/// Whether a node is cut off from the leaders of all shards.
final class Cut: Sendable {
    private let state = Atomic<Bool>(false)

    var isMade: Bool {
        get { state.load(ordering: .acquiring) }
        set { state.store(newValue, ordering: .releasing) }
    }
}

/// The journal of a node that leads, until it is cut off.
struct CutJournal: Journal {
    private let journal: any Journal
    private let cut: Cut

    init(_ journal: any Journal, _ cut: Cut) {
        self.journal = journal
        self.cut = cut
    }

    var standing: Standing {
        let standing = journal.standing
        guard cut.isMade else { return standing }
        return Standing(committed: standing.committed, leadership: nil, replacements: standing.replacements)
    }

    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        if cut.isMade { throw .closed }
        return try journal.propose(record, at: time, in: term)
    }

    func commitment(of index: LogIndex) async throws(CommitmentUnknown) { try await journal.commitment(of: index) }
    func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        if cut.isMade { throw CommitmentUnknown() }
        try await journal.confirmation(of: decision)
    }

    func readBarrier() async throws(CommitmentUnknown) -> LogIndex {
        if cut.isMade { throw CommitmentUnknown() }
        return try await journal.readBarrier()
    }

    var committed: LogIndex { journal.committed }
    var first: LogIndex { journal.first }
    var checkpoint: LogIndex { journal.checkpoint }
    var flushedGeneration: UInt64 { journal.flushedGeneration }
    func commits() -> AsyncStream<LogIndex> { journal.commits() }
    func release(through index: LogIndex) { journal.release(through: index) }

    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try journal.records(from: first, countMax: countMax, bytesMax: bytesMax)
    }

    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 {
        journal.checkpoint(changes, through: checkpoint)
    }
}
