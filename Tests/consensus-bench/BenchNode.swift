import Consensus

/// One of the three replicas: a core, a log in memory, and a state machine that only counts.
final class BenchNode {
    static let group = GroupID(0)
    private static let voters = Membership(voters: [NodeID(1), NodeID(2), NodeID(3)])!
    /// Entries that stay in the log behind the newest one, as in a cluster whose followers keep up.
    private static let entriesKept: UInt64 = 1_000

    private let store = MemoryLogStore()
    var replica: Replica
    private(set) var applied = EntryIndex.zero

    init(_ number: UInt64) throws {
        try store.write([GroupWrite(group: Self.group, checkpoint: Snapshot(last: .zero, membership: Self.voters))])
        replica = Replica(
            id: NodeID(number), configuration: ReplicaConfiguration(), log: store.reader(of: Self.group),
            hardState: .initial, membership: Self.voters, applied: .zero, generator: SystemRandomNumberGenerator())
    }

    /// Does all that the core asks for.
    func work(_ send: ([Message]) -> Void) throws {
        while replica.hasReady {
            var ready = replica.ready()
            send(ready.messages)
            if let write = ready.write {
                try store.write([GroupWrite(group: Self.group, log: write)])
                send(replica.flushed(write.sequence))
            }
            if let application = ready.apply.take() {
                if let last = application.entries.last { applied = last.index }
                replica.applied(application)
            }
        }
    }

    /// Drops what nobody needs any more, so that the log does not outgrow the memory.
    func compact() throws {
        guard applied.rawValue > Self.entriesKept, let term = store.reader(of: Self.group).term(at: applied) else {
            return
        }
        let snapshot = Snapshot(last: EntryID(term: term, index: applied), membership: Self.voters)
        let end = EntryIndex(applied.rawValue - Self.entriesKept)
        try store.write([GroupWrite(group: Self.group, checkpoint: snapshot, compaction: end)])
    }
}
