import Testing

@testable import Consensus

/// Every group of up to four voters, every pair of such groups: small enough to try them all.
@Suite("Quorums")
struct QuorumTests {
    private static let subsets = (0..<16).map { bits in
        NodeSet((0..<4).filter { bits & (1 << $0) != 0 }.map { NodeID(UInt64($0 + 1)) })
    }

    /// The sets of nodes that decide for `quorum`.
    private func deciding(_ quorum: JointQuorum) -> [NodeSet] {
        Self.subsets.filter { yes in quorum.result { yes.contains($0) } == .won }
    }

    @Test("Two sets that decide always share a node")
    func intersection() {
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets {
                let deciding = deciding(JointQuorum(incoming: incoming, outgoing: outgoing))
                for left in deciding {
                    #expect(deciding.allSatisfy { right in left.contains { right.contains($0) } })
                }
            }
        }
    }

    @Test("A joint state shares a node with what comes before it and after it")
    func jointIntersection() {
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets where !outgoing.isEmpty {
                let joint = deciding(JointQuorum(incoming: incoming, outgoing: outgoing))
                for neighbour in [incoming, outgoing] {
                    for right in deciding(JointQuorum(incoming: neighbour, outgoing: [])) {
                        #expect(joint.allSatisfy { left in left.contains { right.contains($0) } })
                    }
                }
            }
        }
    }

    @Test("A vote is won, lost or open as the missing votes can make it")
    func votes() {
        for incoming in Self.subsets {
            for outgoing in Self.subsets {
                let quorum = JointQuorum(incoming: incoming, outgoing: outgoing)
                for yes in Self.subsets {
                    for no in Self.subsets where !no.contains(where: { yes.contains($0) }) {
                        let best = quorum.result { !no.contains($0) } == .won
                        let worst = quorum.result { yes.contains($0) } == .won
                        let result = quorum.result { yes.contains($0) ? true : no.contains($0) ? false : nil }
                        #expect(result == (worst ? .won : best ? .pending : .lost))
                    }
                }
            }
        }
    }

    @Test("The committed mark is the highest that a deciding set has reached")
    func marks() {
        var random = SplitMix64(seed: 9)
        for incoming in Self.subsets where !incoming.isEmpty {
            for outgoing in Self.subsets {
                let quorum = JointQuorum(incoming: incoming, outgoing: outgoing)
                let marks = (0...4).map { _ in UInt64.random(in: 0...3, using: &random) }
                let mark: (NodeID) -> UInt64? = { marks[Int($0.rawValue)] }
                let expected = (0...3).last { level in quorum.result { mark($0)! >= level } == .won }
                #expect(quorum.mark(mark) == UInt64(expected!))
            }
        }
    }
}

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

    @Test("Whoever has not applied a committed change does not campaign: it may count the wrong voters")
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
