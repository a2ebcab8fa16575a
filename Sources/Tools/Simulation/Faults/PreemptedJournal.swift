import Cluster
import Consensus
import EventSourcing

/// The journal of one shard whose thread may be taken off its processor in the middle of a step: between the reading of
/// the standing and the proposal everything else goes on, the node's driver included.
///
/// It also plants the bug of a proposal without a fence.
struct PreemptedJournal: Journal, @unchecked Sendable {
    // One thread: the world's.
    private let journal: ReplicatedJournal
    private unowned let process: NodeProcess

    init(_ journal: ReplicatedJournal, of process: NodeProcess) {
        self.journal = journal
        self.process = process
    }

    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        preempt()
        let isUnfenced = process.world.bugs.contains(.termNotFenced)
        let term = isUnfenced ? journal.standing.leadership?.term ?? term : term
        return try journal.propose(record, at: time, in: term)
    }

    /// How long the thread waits for a processor.
    private static let pause = (Duration.milliseconds(50), Duration.milliseconds(1_500))
    /// The share of proposals that wait so, at most.
    private static let rate = 0.02

    private func preempt() {
        let (world, node) = (process.world, process.node)
        guard !world.isPreempted, !process.life.isOver, world.strikes(.longStep, rate: Self.rate) else { return }
        world.trace("long step", node.id.rawValue, UInt64(journal.shard.rawValue))
        var length = world.random.duration(Self.pause.0, Self.pause.1)
        if world.random.chance(0.5) {
            // At its worst: another node leads meanwhile, and then this one again.
            world.operations.borrowLeadership(of: Int(journal.shard.rawValue), from: node, for: length)
            length += world.random.duration(Self.pause.0, Self.pause.1)
        }
        world.goOn(for: length, in: process.life)
    }

    // MARK: - As it is

    func commitment(of index: LogIndex) async throws(CommitmentUnknown) { try await journal.commitment(of: index) }
    func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        try await journal.confirmation(of: decision)
    }
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
