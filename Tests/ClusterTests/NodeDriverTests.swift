import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("The driver of a node")
struct NodeDriverTests {
    @Test("writes one transaction at a time, and collects the next meanwhile")
    func oneWrite() throws {
        let node = DrivenNode(shards: 3)
        try node.leadAlone()
        _ = try node[0].propose([1], at: .zero, in: node.term(of: 0))
        node.turn()
        #expect(node.shardsUnderWay == [ShardID(0)])
        let number = try #require(node.underWay?.number)
        _ = try node[2].propose([2], at: .zero, in: node.term(of: 2))
        _ = try node[1].propose([3], at: .zero, in: node.term(of: 1))
        node.turn()
        #expect(node.underWay?.number == number)
        try node.flush()
        #expect(node.underWay?.number == number + 1)
        #expect(Set(node.shardsUnderWay) == [ShardID(1), ShardID(2)])
    }

    @Test("commits what is flushed, and nothing of what was collected meanwhile")
    func flushed() throws {
        let node = DrivenNode(shards: 2)
        try node.leadAlone()
        let first = try node[0].propose([1], at: .zero, in: node.term(of: 0))
        node.turn()
        let second = try node[1].propose([2], at: .zero, in: node.term(of: 1))
        node.turn()
        #expect(node[0].committed < first)
        try node.flush()
        #expect(node[0].committed == first)
        #expect(node[1].committed < second)
        try node.flush()
        #expect(node[1].committed == second)
    }

    @Test("holds a write back for the caller that it has answered, and lets it leave in time", .timeLimit(.minutes(10)))
    func held() async throws {
        let node = DrivenNode()
        try node.leadAlone()
        let (journal, term) = (node[0], node.term(of: 0))
        // A caller that asks too late finds its record durable, and is not waited for.
        while node.driver.heldUntil == nil {
            try node.settle()
            let first = try journal.propose([1], at: .zero, in: term)
            node.turn()
            _ = try journal.propose([2], at: .zero, in: term)
            let caller = Task {
                try await journal.confirmation(of: Decision(term: term, restsOn: first, isRecorded: true))
            }
            await Task.yield()
            node.now += .milliseconds(4)
            try node.flush()
            try await caller.value
        }
        #expect(node.underWay == nil)
        let (wakes, end) = (node.wakes.value, try #require(node.driver.heldUntil))
        #expect(end > node.now && end <= node.now + .milliseconds(2))
        node.now = end
        node.turn()
        #expect(node.underWay?.parts.compactMap(\.log).flatMap(\.entries).count == 1)
        #expect(node.driver.heldUntil == nil && node.wakes.value == wakes)
    }

    @Test("is not woken for records that a held write has to wait for, but for anything else")
    func passedOver() {
        let wakes = Count()
        let inbox = NodeInbox(shards: 1) { wakes.add() }
        #expect(inbox.take(passingOver: 2) == nil)
        inbox.touchWithRecord(of: ShardID(0))
        inbox.touchWithRecord(of: ShardID(0))
        #expect(wakes.value == 0)
        inbox.touchWithRecord(of: ShardID(0))
        #expect(wakes.value == 1)
        #expect(inbox.take(passingOver: 0) != nil)
        #expect(inbox.take(passingOver: 2) == nil)
        inbox.putTick()
        #expect(wakes.value == 2)
        #expect(inbox.take(passingOver: 0) != nil)
        #expect(inbox.take(passingOver: 0) == nil)
        inbox.touchWithRecord(of: ShardID(0))
        #expect(wakes.value == 3)
    }

    @Test("lets what no caller waits for ride on the next write, or leave with the next tick")
    func riding() throws {
        let node = DrivenNode(shards: 2)
        try node.leadAlone()
        let generation = node[0].checkpoint([StateChange(key: [1], value: [2])], through: .zero)
        node.turn()
        #expect(node.underWay == nil)
        node.tick()
        #expect(node.underWay?.parts.contains { $0.shard == ShardID(0) && $0.changes.count == 1 } == true)
        #expect(node[0].flushedGeneration < generation)
        try node.flush()
        #expect(node[0].flushedGeneration == generation)
        try node.settle()
        _ = node[0].checkpoint([StateChange(key: [3], value: nil)], through: .zero)
        _ = try node[1].propose([1], at: .zero, in: node.term(of: 1))
        node.turn()
        #expect(node.underWay?.parts.reduce(0) { $0 + $1.changes.count } == 1)
    }

    @Test("stops every shard when a write fails")
    func failed() throws {
        let node = DrivenNode(shards: 2)
        try node.leadAlone()
        _ = try node[0].propose([1], at: .zero, in: node.term(of: 0))
        node.turn()
        node.inbox.putFlushFailed()
        node.turn()
        for shard in [ShardID(0), ShardID(1)] {
            #expect(node.changes.contains(ShardChange(shard: shard, change: .stopped(.flushFailed))))
        }
        #expect(throws: JournalRefusal.closed) { try node[1].propose([1], at: .zero, in: 1) }
    }

    @Test("sends each peer one frame with the messages of all shards")
    func frames() throws {
        let node = DrivenNode(shards: 2, members: [1, 2, 3])
        while !node.driver.journals.allSatisfy({ $0.status.role == .candidate }) {
            try node.settle()
            _ = node.takeFrames()
            node.inbox.putTick()
            node.turn()
        }
        let frames = node.takeFrames()
        #expect(Set(frames.map(\.peer)).count == frames.count)
        for frame in frames { #expect(frame.messages.allSatisfy { $0.message.to == frame.peer }) }
        #expect(frames.map(\.peer.rawValue).sorted() == [2, 3])
    }

    @Test("takes no snapshot without its rows, and nothing for a shard that it does not have")
    func strangeFrames() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let membership = node[0].membership
        let snapshot = Snapshot(last: EntryID(term: Term(1), index: EntryIndex(9)), membership: membership)
        node.hear(.installSnapshot(snapshot), term: 1)
        node.hear(.heartbeat(commit: .zero, readMark: 0), term: 1, on: 7)
        #expect(node[0].status.hardState.term == .zero)
        #expect(node.takeFrames().isEmpty)
    }

    @Test("says that a shard is being replaced from before its snapshot is on the disk until it is reported")
    func replacement() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let membership = try #require(Membership(voters: NodeSet([NodeID(1), NodeID(2), NodeID(3)])))
        let snapshot = Snapshot(last: EntryID(term: Term(1), index: EntryIndex(9)), membership: membership)
        let message = Message(
            from: NodeID(2), to: NodeID(1), term: Term(1), body: .installSnapshot(snapshot))
        let before = node[0].standing
        #expect(!before.isBeingReplaced)
        node.inbox.putSnapshot(ShardMessage(shard: ShardID(0), message: message), rows: [])
        node.turn()
        #expect(node.underWay?.parts.first?.log?.snapshot == snapshot)
        #expect(node[0].standing.isBeingReplaced)
        #expect(node[0].standing.replacements == before.replacements)
        try node.flush()
        #expect(!node[0].standing.isBeingReplaced)
        #expect(node[0].standing.replacements == before.replacements + 1)
        #expect(node[0].standing.committed == LogIndex(9))
    }

    @Test("is woken once, and sleeps when there is nothing to do")
    func wakes() throws {
        let node = DrivenNode(members: [1, 2, 3])
        node.turn()
        let before = node.wakes.value
        node.inbox.putTick()
        node.inbox.putTick()
        #expect(node.wakes.value == before + 1)
        node.turn()
        #expect(node.driver.turn(at: .zero) == nil)
        node.inbox.putTick()
        #expect(node.wakes.value == before + 2)
    }

    @Test("drops frames past the limit of its inbox, and takes them again after a turn")
    func limits() throws {
        let node = DrivenNode(members: [1, 2, 3])
        let message = Message(
            from: NodeID(2), to: NodeID(1), term: Term(1), body: .heartbeat(commit: .zero, readMark: 0))
        let item = ShardMessage(shard: ShardID(0), message: message)
        let frame = Frame(peer: NodeID(2), messages: Array(repeating: item, count: NodeInbox.messagesMax))
        #expect(node.inbox.put(frame))
        #expect(!node.inbox.put(frame))
        node.turn()
        #expect(node.inbox.put(frame))
    }
}

extension DrivenNode {
    /// In which it leads.
    func term(of shard: Int) -> UInt64 { self[shard].standing.leadership?.term ?? 0 }

    /// Those that have entries in the write under way.
    var shardsUnderWay: [ShardID] {
        underWay?.parts.filter { $0.log?.entries.isEmpty == false }.map(\.shard) ?? []
    }
}
