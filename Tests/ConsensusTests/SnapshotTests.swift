import Testing

@testable import Consensus

@Suite("A follower that is sent a snapshot")
struct SnapshotTests {
    private let snapshot = Snapshot(last: Example.id(1, 3), membership: Example.membership(1, 2, 3))

    @Test("keeps its log when that holds everything already")
    func fastForward() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        let entries = (1...4).map { Example.entry(1, $0) }
        try replica.hear(.append(previous: .zero, entries: entries, commit: EntryIndex(1)), term: 1)
        _ = try replica.settle(on: store)
        try replica.hear(.installSnapshot(snapshot), term: 1)
        #expect(try replica.settle(on: store).map(\.body) == [.appendAccepted(matched: EntryIndex(3))])
        #expect(replica.status.last == EntryIndex(4) && replica.status.applied == EntryIndex(3))
        #expect(replica.status.membership == Example.membership(1, 2))
    }

    @Test("takes its membership, and no older change can undo that")
    func supersedes() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        let change = Entry(
            id: Example.id(1, 1), payload: .membershipChange(MembershipChange([.init(.remove, NodeID(2))])))
        try replica.hear(.append(previous: .zero, entries: [change], commit: EntryIndex(1)), term: 1)
        let write = replica.ready().write!
        try store.write([GroupWrite(group: Example.group, log: write)])
        _ = replica.flushed(write.sequence)
        // The change is being applied when the snapshot arrives.
        var ready = replica.ready()
        try replica.hear(.installSnapshot(snapshot), term: 1)
        #expect(try replica.applyMembershipChange(change) == snapshot.membership)
        replica.applied(ready.apply.take()!)
        if let write = ready.write { _ = replica.flushed(write.sequence) }
        #expect(try replica.settle(on: store).map(\.body) == [.appendAccepted(matched: EntryIndex(3))])
        #expect(replica.status.membership == snapshot.membership && replica.status.applied == EntryIndex(3))
    }

    @Test("does not campaign until it is installed")
    func notPromotable() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        try replica.hear(.installSnapshot(snapshot), term: 1)
        replica.campaign()
        #expect(replica.status.role == .follower)
        _ = try replica.settle(on: store)
        replica.campaign()
        #expect(replica.status.role == .preCandidate)
    }

    @Test("counts it as installed even if the term has changed since")
    func laterTerm() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store)
        try replica.hear(.installSnapshot(snapshot), term: 1)
        let write = replica.ready().write!
        try store.write([GroupWrite(group: Example.group, log: write)])
        try replica.hear(.heartbeat(commit: .zero, readMark: 0), term: 2)
        _ = replica.flushed(write.sequence)
        #expect(replica.status.applied == EntryIndex(3))
    }

    @Test("as a learner never campaigns")
    func learner() {
        var replica = Example.replica(of: Membership(voters: [NodeID(2)], learners: [NodeID(1)])!)
        replica.campaign()
        for _ in 0..<100 { replica.tick() }
        #expect(replica.status.role == .follower && replica.status.hardState.term == .zero)
    }
}
