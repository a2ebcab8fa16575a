import Testing

@testable import Consensus

@Suite("Membership changes")
struct MembershipTests {
    @Test("Any chain of changes keeps the invariants, and each step shares quorums with the one before")
    func chains() throws {
        var random = SplitMix64(seed: 3)
        for _ in 0..<300 {
            var tracker = Tracker(Example.membership(1), last: .zero, limits: .init(messagesMax: 1, bytesMax: 1))
            for _ in 0..<20 {
                let changer = MembershipChanger(tracker: tracker, last: EntryIndex(5))
                guard let changed = try? changer.apply(.random(&random)) else { continue }
                #expect(changed.membership.isValid)
                #expect(changed.peers.map(\.id) == Array(changed.membership.nodes))
                for peer in changed.peers {
                    #expect(peer.progress.isLearner == changed.membership.learners.contains(peer.id))
                }
                expectOverlap(tracker.membership.quorum, changed.membership.quorum)
                tracker = changed
            }
        }
    }

    private func expectOverlap(_ before: JointQuorum, _ after: JointQuorum) {
        let nodes = Array(before.nodes.union(after.nodes))
        for bits in 0..<(1 << nodes.count) {
            func isIn(_ node: NodeID) -> Bool { bits & (1 << nodes.firstIndex(of: node)!) != 0 }
            let isSplit = before.result { isIn($0) } == .won && after.result { !isIn($0) } == .won
            #expect(!isSplit, "\(before) and \(after) can decide apart")
        }
    }

    @Test("A membership that contradicts itself cannot be made")
    func invalid() {
        let (one, two) = (Example.nodes(1), Example.nodes(1, 2))
        #expect(Membership(voters: two, learners: one) == nil)
        #expect(Membership(voters: one, nextLearners: Example.nodes(2)) == nil)
        #expect(Membership(voters: two, outgoingVoters: two, nextLearners: one) == nil)
        #expect(Membership(voters: one, leavesJointAutomatically: true) == nil)
        #expect(Membership(voters: one, outgoingVoters: two, nextLearners: Example.nodes(2)) != nil)
    }

    @Test("A node that has not applied a committed change does not campaign: it may count the wrong voters")
    func unapplied() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store) {
            $0.storageWrites = .synchronous
            $0.preVotes = false
        }
        let change = Entry(
            id: Example.id(1, 1), payload: .membershipChange(MembershipChange([.init(.remove, NodeID(2))])))
        try replica.hear(.append(previous: .zero, entries: [change], commit: EntryIndex(1)), term: 1)
        let ready = replica.ready()
        replica.campaign()
        #expect(replica.status.role == .follower)
        try store.write([GroupWrite(group: Example.group, log: LogWrite(sequence: 1, entries: ready.entries))])
        try replica.applyMembershipChange(ready.committedEntries[0])
        replica.advance(ready)
        replica.campaign()
        #expect(replica.status.role == .candidate)
    }

    @Test("A node that joined gets the first snapshot that knows it, and none before")
    func snapshotForNewcomer() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(on: store)
        replica.campaign()
        _ = try replica.settle(on: store)
        _ = try replica.propose(MembershipChange([.init(.addLearner, NodeID(2))]))
        _ = try replica.settle(on: store)
        let old = Snapshot(last: Example.id(1, 1), membership: Example.membership(1))
        try store.write([GroupWrite(group: Example.group, checkpoint: old, compaction: EntryIndex(2))])
        try replica.hear(.appendRejected(at: EntryIndex(1), hint: .zero), term: 1)
        #expect(try replica.settle(on: store).isEmpty)
        let new = Snapshot(last: Example.id(1, 2), membership: replica.status.membership)
        try store.write([GroupWrite(group: Example.group, checkpoint: new)])
        try replica.hear(.heartbeatAnswer(readMark: 0), term: 1)
        #expect(try replica.settle(on: store).map(\.body) == [.installSnapshot(new)])
        #expect(replica.status.members.map(\.phase) == [.replicate, .snapshot])
    }

    @Test("A change that cannot be made when it is applied has no effect")
    func refusedOnApplication() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(on: store) { $0.validatesMembershipChanges = false }
        replica.campaign()
        _ = try replica.settle(on: store)
        _ = try replica.propose(MembershipChange([.init(.remove, NodeID(1))]))
        _ = try replica.settle(on: store)
        #expect(replica.status.membership == Example.membership(1))
        #expect(replica.status.role == .leader && replica.status.applied == EntryIndex(2))
    }

    @Test("A change that cannot be made now leaves an empty entry and says why")
    func refusedOnProposal() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(on: store)
        replica.campaign()
        _ = try replica.settle(on: store)
        #expect(try replica.propose(.leaveJoint) == .emptied(Example.id(1, 2), .notJoint))
        _ = try replica.settle(on: store)
        let joint = MembershipChange([.init(.addLearner, NodeID(2))], transition: .jointUntilLeft)
        let index = EntryIndex(3)
        #expect(try replica.propose(joint) == .appended(term: Term(1), indexes: index...index))
        #expect(try replica.propose(joint) == .emptied(Example.id(1, 4), .changePending(index)))
        _ = try replica.settle(on: store)
        #expect(replica.status.membership.isJoint)
        #expect(try replica.propose(joint) == .emptied(Example.id(1, 5), .alreadyJoint))
        #expect(replica.status.members.map(\.phase) == [.replicate, .probe])
    }

    @Test("Without a joint state no two voters change at once")
    func severalVoters() throws {
        let limits = InFlightWindow.Limits(messagesMax: 1, bytesMax: 1)
        let changer = MembershipChanger(
            tracker: Tracker(Example.membership(1), last: .zero, limits: limits), last: .zero)
        #expect(throws: MembershipRefusal.severalVoters) {
            try changer.simple([.init(.addVoter, NodeID(2)), .init(.addVoter, NodeID(3))])
        }
        #expect(throws: MembershipRefusal.severalVoters) {
            try changer.simple([.init(.addVoter, NodeID(2)), .init(.remove, NodeID(1))])
        }
        let grown = try changer.simple([.init(.addVoter, NodeID(2)), .init(.addLearner, NodeID(3))])
        #expect(grown.membership.voters == Example.nodes(1, 2) && grown.membership.learners == Example.nodes(3))
    }

    @Test("A leader that has been removed does not count what it flushes afterwards")
    func removedLeader() throws {
        let store = MemoryLogStore()
        var replica = Example.replica(of: Example.membership(1, 2), on: store) {
            $0.preVotes = false
            $0.stepsDownOnRemoval = false
        }
        replica.campaign()
        _ = try replica.settle(on: store)
        try replica.hear(.vote(isGranted: true), term: 1)
        _ = try replica.propose(MembershipChange([.init(.remove, NodeID(1))]))
        _ = try replica.settle(on: store)
        _ = try replica.propose([[1]])
        let write = replica.ready().write!
        try store.write([GroupWrite(group: Example.group, log: write)])
        try replica.hear(.appendAccepted(matched: EntryIndex(2)), term: 1)
        // The removal is applied while the flush of entry 3 is still running.
        var ready = replica.ready()
        let application = ready.apply.take()!
        _ = try replica.applyMembershipChange(application.entries.last!)
        replica.applied(application)
        #expect(replica.flushed(write.sequence).isEmpty)
        if let write = ready.write { _ = replica.flushed(write.sequence) }
        #expect(replica.status.hardState.commit == EntryIndex(2) && replica.status.role == .leader)
        #expect(replica.status.membership == Example.membership(2))
    }
}

extension MembershipChange {
    fileprivate static func random(_ random: inout SplitMix64) -> MembershipChange {
        let kinds: [Operation.Kind] = [.addVoter, .addVoter, .addLearner, .remove, .update]
        let operations = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            Operation(kinds.randomElement(using: &random)!, NodeID(.random(in: 0...5, using: &random)))
        }
        return MembershipChange(
            operations, transition: [.automatic, .automatic, .joint, .jointUntilLeft].randomElement(using: &random)!)
    }
}
