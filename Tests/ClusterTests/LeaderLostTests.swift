import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("The end of a connection to a leader")
struct LeaderLostTests {
    /// Node 1 of three, which follows node 2 on both of its shards.
    private func follower() throws -> DrivenNode {
        var configuration = ReplicaConfiguration()
        configuration.electionTicks = 100
        let node = DrivenNode(shards: 2, members: [1, 2, 3], configuration: configuration)
        for shard in 0..<2 as Range<UInt16> { node.hear(.heartbeat(commit: .zero, readMark: 0), term: 1, on: shard) }
        try node.settle()
        _ = node.takeFrames()
        return node
    }

    private func campaigns(_ node: DrivenNode) throws -> [UInt16] {
        try node.settle()
        let messages = node.takeFrames().flatMap(\.messages)
        return messages.filter { if case .requestPreVote = $0.message.body { true } else { false } }
            .map(\.shard.rawValue)
    }

    @Test("has the followers ask for votes at once, one after the other, and each shard another one first")
    func turns() throws {
        let node = try follower()
        node.inbox.putDisconnected(NodeID(2))
        node.turn()
        // To both of the others, of which one has died.
        #expect(try campaigns(node) == [0, 0])
        node.tick()
        #expect(try campaigns(node).isEmpty)
        node.tick()
        #expect(try campaigns(node) == [1, 1])
    }

    @Test("means nothing when the node did not lead, or when the leader is heard of again")
    func others() throws {
        let node = try follower()
        node.inbox.putDisconnected(NodeID(3))
        node.turn()
        #expect(try campaigns(node).isEmpty)
        node.inbox.putDisconnected(NodeID(2))
        node.turn()
        _ = try campaigns(node)
        node.hear(.heartbeat(commit: .zero, readMark: 0), term: 1, on: 1)
        for _ in 0..<5 { node.tick() }
        #expect(try campaigns(node).allSatisfy { $0 == 0 })
        #expect(node[1].leader == NodeID(2))
    }

    @Test("leaves the election to another follower that has begun it")
    func overtaken() throws {
        let node = try follower()
        node.inbox.putDisconnected(NodeID(2))
        node.turn()
        _ = try campaigns(node)
        node.hear(.requestVote(last: .zero, forTransfer: false), from: 3, term: 2, on: 1)
        for _ in 0..<5 { node.tick() }
        #expect(try campaigns(node).allSatisfy { $0 == 0 })
    }

    @Test("is no reason to refuse a vote to another follower any more")
    func votes() throws {
        let node = try follower()
        node.inbox.putDisconnected(NodeID(2))
        node.turn()
        try node.settle()
        _ = node.takeFrames()
        node.hear(.requestPreVote(last: .zero), from: 3, term: 2, on: 1)
        try node.settle()
        let answers = node.takeFrames().flatMap(\.messages).filter { $0.message.body == .preVote(isGranted: true) }
        #expect(answers.map(\.shard.rawValue) == [1])
    }
}

@Suite("A node whose disk has no room")
struct FullDiskTests {
    @Test("takes no entries of its leader, which sends them again, and goes on following")
    func follower() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let entry = Entry(id: EntryID(term: Term(1), index: EntryIndex(1)), payload: .record([1]))
        func append() throws {
            node.hear(.append(previous: .zero, entries: [entry], commit: EntryIndex(1)), term: 1)
            try node.settle()
        }
        node.driver.setRoom(.elections)
        try append()
        #expect(node[0].status.last == .zero)
        node.hear(.heartbeat(commit: .zero, readMark: 3), term: 1)
        try node.settle()
        #expect(node.takeFrames().flatMap(\.messages).contains { $0.message.body == .heartbeatAnswer(readMark: 3) })
        node.driver.setRoom(.everything)
        try append()
        #expect(node[0].status.last == EntryIndex(1) && node[0].committed == LogIndex(1))
    }

    @Test("still takes what its leader sends while there is a reserve, and takes on nothing new itself")
    func reserve() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        node.driver.setRoom(.replication)
        #expect(throws: JournalRefusal.storageFull) { try node[0].propose([1], at: .zero, in: term) }
        let entry = Entry(id: EntryID(term: Term(9), index: EntryIndex(2)), payload: .record([1]))
        let last = node[0].status.last
        let previous = EntryID(term: Term(term), index: last)
        node.hear(.append(previous: previous, entries: [entry], commit: last), term: 9)
        try node.settle()
        #expect(node[0].status.last == EntryIndex(2))
    }

    @Test("takes the entry that begins a term, so that its leader is one for those who read")
    func newTerm() throws {
        let node = DrivenNode(members: [1, 2, 3])
        node.driver.setRoom(.elections)
        let entry = Entry(id: EntryID(term: Term(1), index: EntryIndex(1)), payload: .empty)
        node.hear(.append(previous: .zero, entries: [entry], commit: EntryIndex(1)), term: 1)
        try node.settle()
        #expect(node[0].status.last == EntryIndex(1) && node[0].committed == LogIndex(1))
    }

    @Test("among a majority like it keeps even a leader with room from taking on what nothing would commit")
    func majority() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        let (full, free): (Set<NodeID>, Set<NodeID>) = ([NodeID(2), NodeID(3)], [NodeID(1)])
        node[0].setRoom(of: MemberRoom(free: free, full: full))
        #expect(node[0].isMajorityFull)
        #expect(throws: JournalRefusal.storageFull) { try node[0].propose([1], at: .zero, in: term) }
        node[0].setRoom(of: MemberRoom(free: [NodeID(1), NodeID(3)], full: [NodeID(2)]))
        _ = try node[0].propose([1], at: .zero, in: term)
    }

    @Test("is what keeps members from committing where those with room are no majority, and those heard are one")
    func verdicts() {
        let voters: NodeSet = [NodeID(1), NodeID(2), NodeID(3)]
        func isKept(free: [UInt64], full: [UInt64]) -> Bool {
            MemberRoom(free: Set(free.map { NodeID($0) }), full: Set(full.map { NodeID($0) }))
                .keepsFromCommitting(voters)
        }
        #expect(isKept(free: [], full: [1, 2, 3]) && isKept(free: [1], full: [2, 3]))
        // The third is not heard: with room on the second there would be a majority.
        #expect(isKept(free: [1], full: [2]))
        #expect(!isKept(free: [1, 2], full: [3]) && !isKept(free: [1, 2], full: []))
        // Room alone would not help.
        #expect(!isKept(free: [], full: [1]) && !isKept(free: [1], full: []))
        // Of other members nothing counts.
        #expect(!isKept(free: [1], full: [4, 5]))
    }

    @Test("is not the one that leadership goes to")
    func successor() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        node.hear(.appendAccepted(matched: .zero), from: 3, term: term)
        #expect(node[0].status.successor() == NodeID(2))
        #expect(node[0].status.successor(among: [NodeID(3)]) == NodeID(3))
        #expect(node[0].status.successor(among: [NodeID(1)]) == nil)
    }
}
