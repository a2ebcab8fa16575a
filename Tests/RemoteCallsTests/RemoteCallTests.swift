import ActorSystem
import Consensus
import EventSourcing
import Testing

@testable import RemoteCalls

@Suite("A call on a shard that another node leads") struct RemoteCallTests {
    @Test("is performed there, and its answer comes back")
    func answered() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        try await nodes.running { shards async throws in
            #expect(try await shards.run(Add(units: 5), at: .zero).get() == Total(units: 5))
            #expect(try await shards.run(Add(units: 2), at: .zero).get() == Total(units: 7))
        }
        #expect(nodes.journals[1].committed == LogIndex(2) && nodes.journals[0].committed == .zero)
        #expect(nodes.calls[0].counts.sent == 2 && nodes.calls[1].counts.taken == 2)
        #expect(nodes.calls[0].counts.inFlight == 0 && nodes.calls[1].counts.underWay == 0)
    }

    @Test("is refused there, and its refusal comes back typed")
    func refused() async throws {
        let nodes = TestNodes()
        nodes.lead(3)
        try await nodes.running { shards async throws in
            #expect(try await shards.run(Add(units: 13), at: .zero) == .failure(.thirteen))
        }
        #expect(nodes.journals[2].committed == .zero)
    }

    @Test("fails there, and its failure comes back typed", arguments: [
        JournalRefusal.full, .newerThanCluster, .recordTooLarge(bytesMax: 7), .storageFull,
    ])
    func failed(refusal: JournalRefusal) async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        nodes.journals[1].refuse(refusal)
        try await nodes.running { shards async throws in
            await #expect(throws: ExecutionFailure.refused(refusal)) {
                try await shards.run(Add(units: 1), at: .zero).get()
            }
        }
    }

    @Test("stays in the process when this node leads")
    func local() async throws {
        let nodes = TestNodes()
        nodes.lead(1)
        try await nodes.running { shards async throws in
            #expect(try await shards.run(Add(units: 5), at: .zero).get() == Total(units: 5))
        }
        #expect(nodes.calls[0].counts.sent == 0)
    }

    @Test("goes on to the leader that the node which was asked names")
    func passedOn() async throws {
        let nodes = TestNodes()
        nodes.lead(3, but: [NodeID(1): NodeID(2)])
        try await nodes.running { shards async throws in
            #expect(try await shards.run(Add(units: 5), at: .zero).get() == Total(units: 5))
        }
        #expect(nodes.calls[0].counts.passedOn == 1)
        #expect(nodes.journals[2].committed == LogIndex(1) && nodes.journals[1].committed == .zero)
    }

    @Test("finds the leader through others when this node knows of none")
    func asksOthers() async throws {
        let nodes = TestNodes()
        nodes.lead(3, but: [NodeID(1): nil])
        try await nodes.running { shards async throws in
            #expect(try await shards.run(Add(units: 5), at: .zero).get() == Total(units: 5))
        }
    }

    @Test("waits for a leader: a fail-over is a pause and no error")
    func waits() async throws {
        let nodes = TestNodes()
        try await nodes.running { shards async throws in
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.calls[0].counts.delayed == 1 }
            nodes.lead(2)
            #expect(try await answer.value == Total(units: 5))
        }
    }

    @Test("runs here when this node is the one that takes over meanwhile")
    func takesOver() async throws {
        let nodes = TestNodes()
        try await nodes.running { shards async throws in
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.calls[0].counts.delayed == 1 }
            nodes.lead(1)
            #expect(try await answer.value == Total(units: 5))
        }
        #expect(nodes.calls[0].counts.sent == 0)
    }

    @Test("is refused when no node leads for long")
    func noLeader() async throws {
        var limits = CallLimits.ofTests
        limits.leaderWait = .milliseconds(30)
        let nodes = TestNodes(limits: limits)
        try await nodes.running { shards async throws in
            await #expect(throws: ExecutionFailure.refused(.closed)) {
                try await shards.run(Add(units: 1), at: .zero).get()
            }
        }
    }

    @Test("is turned away when its number is not in the table, before it is read")
    func unknownStep() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        try await nodes.running { shards async throws in
            await #expect(throws: ExecutionFailure.refused(.closed)) {
                try await shards.run(Strange(), at: .zero).get()
            }
        }
        #expect(nodes.calls[0].counts.notUnderstood == 1)
    }

    @Test("runs from its own node's shard when the node stops, and is refused then")
    func stopped() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        try await nodes.running { _ async throws in }
        await #expect(throws: ExecutionFailure.refused(.closed)) {
            try await nodes.shards[0].run(Add(units: 1), at: .zero).get()
        }
    }
}
