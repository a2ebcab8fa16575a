import Consensus
import EventSourcing
import Testing

@testable import Cluster

@Suite("A read barrier") struct ReadBarrierTests {
    /// A node that follows node 2 in term 5, with one entry of that term in its log and nothing known to be committed.
    private func follower() throws -> DrivenNode {
        let node = DrivenNode(members: [1, 2, 3])
        let entry = Entry(id: EntryID(term: Term(5), index: EntryIndex(1)), payload: .empty)
        node.hear(.append(previous: .zero, entries: [entry], commit: .zero), term: 5)
        try node.settle()
        _ = node.takeFrames()
        return node
    }

    /// Begins a barrier, and waits until the journal knows of it.
    private func begin(_ node: DrivenNode) async -> Task<LogIndex, any Error> {
        let (journal, before) = (node[0], node.wakes.value)
        let barrier = Task { try await journal.readBarrier() }
        while node.wakes.value == before { await Task.yield() }
        return barrier
    }

    /// The ids under which the leader was asked since this was last looked at.
    private func asked(_ node: DrivenNode) -> [UInt64] {
        node.takeFrames().flatMap(\.messages).compactMap { item in
            guard case .readIndex(let request) = item.message.body, item.message.to == NodeID(2) else { return nil }
            return request.id
        }
    }

    @Test("is at its end at once on a node that is alone")
    func alone() async throws {
        let node = DrivenNode()
        try node.leadAlone()
        #expect(try await node[0].readBarrier() == node[0].committed)
    }

    @Test("of a follower asks the leader, and ends once what that names is committed here")
    func following() async throws {
        let node = try follower()
        let barrier = await begin(node)
        node.turn()
        let ids = asked(node)
        #expect(ids.count == 1)
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(1), id: ids[0])), term: 5)
        #expect(node[0].committed == .zero)
        node.hear(.heartbeat(commit: EntryIndex(1), readMark: 0), term: 5)
        try node.settle()
        #expect(try await barrier.value == LogIndex(1))
    }

    @Test("is one for all callers that come while another is under way")
    func batched() async throws {
        let node = try follower()
        let first = await begin(node)
        node.turn()
        let ids = asked(node)
        var others: [Task<LogIndex, any Error>] = []
        for _ in 0..<5 {
            others.append(await begin(node))
            node.turn()
        }
        #expect(asked(node).isEmpty)
        node.hear(.heartbeat(commit: EntryIndex(1), readMark: 0), term: 5)
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(1), id: ids[0])), term: 5)
        #expect(try await first.value == LogIndex(1))
        let next = asked(node)
        #expect(next.count == 1 && next != ids)
        // What the first barrier found is not what the others wait for.
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(1), id: ids[0])), term: 5)
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(1), id: next[0])), term: 5)
        for other in others { #expect(try await other.value == LogIndex(1)) }
    }

    @Test("that gets no answer asks again, and asks the next leader")
    func asksAgain() async throws {
        let node = try follower()
        let barrier = await begin(node)
        node.turn()
        #expect(asked(node).count == 1)
        node.tick()
        #expect(asked(node).count == 1)
        node.hear(.heartbeat(commit: EntryIndex(1), readMark: 0), term: 6)
        try node.settle()
        _ = node.takeFrames()
        node.tick()
        let ids = asked(node)
        #expect(ids.count == 1)
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(1), id: ids[0])), term: 6)
        #expect(try await barrier.value == LogIndex(1))
    }

    @Test("fails on a node that is cut off, after the time of some elections")
    func cutOff() async throws {
        let node = try follower()
        let barrier = await begin(node)
        let ticks = ReplicaConfiguration.ofTests.electionTicks * ReadBarriers.electionsMax
        for _ in 0...ticks {
            node.tick()
            try node.settle()
        }
        await #expect(throws: CommitmentUnknown.self) { try await barrier.value }
    }

    @Test("fails when what the leader names does not arrive here in that time")
    func notArriving() async throws {
        let node = try follower()
        let barrier = await begin(node)
        node.turn()
        node.hear(.readIndexAnswer(ReadState(index: EntryIndex(9), id: asked(node)[0])), term: 5)
        for _ in 0...ReplicaConfiguration.ofTests.electionTicks * ReadBarriers.electionsMax {
            node.hear(.heartbeat(commit: EntryIndex(1), readMark: 0), term: 5)
            node.tick()
            try node.settle()
        }
        await #expect(throws: CommitmentUnknown.self) { try await barrier.value }
    }

    @Test("fails when the node stops, begun or not")
    func stopped() async throws {
        let node = try follower()
        let asked = await begin(node)
        node.turn()
        let waiting = await begin(node)
        node.driver.end()
        await #expect(throws: CommitmentUnknown.self) { try await asked.value }
        await #expect(throws: CommitmentUnknown.self) { try await waiting.value }
        await #expect(throws: CommitmentUnknown.self) { try await node[0].readBarrier() }
    }

    @Test("of a leader waits for a majority, and survives the end of its leadership")
    func leading() async throws {
        let node = DrivenNode(members: [1, 2, 3])
        let term = try node.winElection()
        let barrier = await begin(node)
        node.turn()
        let committed = node[0].committed
        let mark = node.takeFrames().flatMap(\.messages).compactMap { item -> UInt64? in
            guard case .heartbeat(_, let mark) = item.message.body else { return nil }
            return mark
        }.max() ?? 0
        #expect(mark > 0)
        let later = await begin(node)
        node.hear(.heartbeatAnswer(readMark: mark), term: term)
        #expect(try await barrier.value == committed)
        node.hear(.heartbeat(commit: EntryIndex(committed.rawValue), readMark: 0), term: term + 1)
        try node.settle()
        _ = node.takeFrames()
        node.tick()
        let ids = asked(node)
        #expect(ids.count == 1)
        node.hear(
            .readIndexAnswer(ReadState(index: EntryIndex(committed.rawValue), id: ids.first ?? 0)), term: term + 1)
        #expect(try await later.value == committed)
    }
}
