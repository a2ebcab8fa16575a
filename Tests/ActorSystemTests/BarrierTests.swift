import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite("A read behind a barrier") struct BarrierTests {
    private let journal = MemoryJournal()

    /// A shard that follows, on the log that another one writes.
    private func follower(_ log: SharedLog) -> Shard {
        Shard(
            id: ShardID(0), journal: log, states: journal, kinds: [.kind(Shelf.self)],
            failStop: { fatalError("\($0)") })
    }

    @Test("shows on a follower what the leader has acknowledged")
    func follows() async throws {
        let leader = Shard.ofShelves(journal)
        let shards = ShardMap([follower(SharedLog(base: journal))])
        for count in 1...5 {
            try await leader.command(1, .add(1))
            let (shelf, index) = try await shards.readAsOf(Shelf.self, Shelf.ID(1))
            #expect(shelf.state.units == count && index == LogIndex(UInt64(count)))
        }
        try await leader.command(2, .add(1))
        try await shards.catalogue.barrier()
        let found = try await shards.catalogue.list(Shelf.self, group: [2], descending: false, limit: 9)
        #expect(found == [Shelf.ID(2)])
    }

    @Test("is refused on a node that is cut off, which still shows what it has to a reader who takes that")
    func cutOff() async throws {
        let leader = Shard.ofShelves(journal)
        let follower = self.follower(SharedLog(base: journal))
        try await leader.command(1, .add(1))
        journal.setCutOff(true)
        await #expect(throws: ExecutionFailure.refused(.closed)) { try await follower.barrier() }
        await #expect(throws: ExecutionFailure.refused(.closed)) {
            try await ShardMap([follower]).read(Shelf.self, Shelf.ID(1))
        }
        #expect(await follower.readCommitted { $0.read(Shelf.self, Shelf.ID(1)).state.units } == 1)
        journal.setCutOff(false)
        try await follower.barrier()
    }

    @Test("waits for no record that is in flight")
    func inFlight() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        let change = Task { try await shard.command(1, .add(1)) }
        while journal.pendingCount == 0 { await Task.yield() }
        #expect(try await shard.read { $0.read(Shelf.self, Shelf.ID(1)).state.units } == 0)
        journal.commitAll()
        _ = try await change.value
        #expect(try await shard.read { $0.read(Shelf.self, Shelf.ID(1)).state.units } == 1)
    }

    @Test("says which record was the last to change an aggregate of a kind")
    func lastChange() async throws {
        let shard = Shard.ofShelves(journal)
        #expect(try await shard.read { $0.lastChange(of: Shelf.kind) } == .zero)
        try await shard.command(1, .add(1))
        try await shard.command(1, .add(1))
        #expect(try await shard.read { $0.lastChange(of: Shelf.kind) } == LogIndex(2))
        #expect(try await shard.read { $0.lastChange(of: AggregateKind(rawValue: 1)) } == .zero)
        let other = follower(SharedLog(base: journal))
        #expect(try await other.read { $0.lastChange(of: Shelf.kind) } == LogIndex(2))
    }
}

/// The log of a node that follows, and saves nothing.
private struct SharedLog: Journal {
    let base: MemoryJournal

    var standing: Standing { Standing(committed: base.committed, leadership: nil) }
    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        throw .closed
    }
    func commitment(of index: LogIndex) async throws(CommitmentUnknown) { try await base.commitment(of: index) }
    func confirmation(of decision: Decision) async throws(CommitmentUnknown) { throw CommitmentUnknown() }
    func readBarrier() async throws(CommitmentUnknown) -> LogIndex { try await base.readBarrier() }
    var committed: LogIndex { base.committed }
    var first: LogIndex { base.first }
    var checkpoint: LogIndex { .zero }
    func commits() -> AsyncStream<LogIndex> { base.commits() }
    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        try base.records(from: first, countMax: countMax, bytesMax: bytesMax)
    }
    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 { 0 }
    var flushedGeneration: UInt64 { 0 }
    func release(through index: LogIndex) {}
}
