import Cluster
import EventSourcing

/// The journal of one shard that notes how long decisions wait for their records. Refusals and reads are not measured:
/// they may rest on what was committed long before.
struct MeasuredJournal: Journal {
    private let journal: ReplicatedJournal
    private let times: CommitTimes

    init(_ journal: ReplicatedJournal, times: CommitTimes) {
        self.journal = journal
        self.times = times
    }

    func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        let start = ContinuousClock.now
        try await journal.confirmation(of: decision)
        if decision.isRecorded { times.note(ContinuousClock.now - start) }
    }

    // MARK: - As it is

    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        try journal.propose(record, at: time, in: term)
    }
    func commitment(of index: LogIndex) async throws(CommitmentUnknown) { try await journal.commitment(of: index) }
    func readBarrier() async throws(CommitmentUnknown) -> LogIndex { try await journal.readBarrier() }
    var committed: LogIndex { journal.committed }
    var standing: Standing { journal.standing }
    var first: LogIndex { journal.first }
    var checkpoint: LogIndex { journal.checkpoint }
    func commits() -> AsyncStream<LogIndex> { journal.commits() }
    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try journal.records(from: first, countMax: countMax, bytesMax: bytesMax)
    }
    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 {
        journal.checkpoint(changes, through: checkpoint)
    }
    var flushedGeneration: UInt64 { journal.flushedGeneration }
    func release(through index: LogIndex) { journal.release(through: index) }
}
