import ActorSystem
import Consensus
import EventSourcing
import Synchronization
import Testing

@testable import RemoteCalls

@Suite("A call whose reply does not come") struct LostCallTests {
    @Test("has an unknown outcome as soon as the connection ends, and goes on where it was taken")
    func connectionLost() async throws {
        let nodes = TestNodes(commitsItself: false)
        nodes.lead(2)
        try await nodes.running { shards async throws in
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.journals[1].pendingCount == 1 }
            nodes.network.disconnect(NodeID(1), NodeID(2))
            await #expect(throws: ExecutionFailure.outcomeUnknown) { try await answer.value }
            #expect(nodes.calls[1].counts.underWay == 1)
            nodes.journals[1].commitAll()
            await until { nodes.calls[1].counts.underWay == 0 }
            // Its reply is no other call's.
            nodes.connect()
            let next = Task { try await shards.run(Add(units: 2), at: .zero).get() }
            await until { nodes.journals[1].pendingCount == 1 }
            nodes.journals[1].commitAll()
            #expect(try await next.value == Total(units: 7))
        }
        #expect(nodes.calls[0].counts.lost == 1)
    }

    @Test("has an unknown outcome when the request was lost on its way, and is not sent again")
    func requestLost() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        try await nodes.running { shards async throws in
            nodes.network.hold()
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.network.heldCount == 1 }
            nodes.network.disconnect(NodeID(1), NodeID(2))
            await #expect(throws: ExecutionFailure.outcomeUnknown) { try await answer.value }
            nodes.network.release()
        }
        #expect(nodes.journals[1].committed == .zero && nodes.calls[0].counts.sent == 1)
    }

    @Test("has an unknown outcome a while after another node leads its shard: the one that was asked may stand still")
    func stranded() async throws {
        let nodes = TestNodes(commitsItself: false)
        nodes.lead(2)
        try await nodes.running { shards async throws in
            nodes.network.hold()
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.network.heldCount == 1 }
            let begun = ContinuousClock.now
            nodes.lead(3)
            await #expect(throws: ExecutionFailure.outcomeUnknown) { try await answer.value }
            #expect(ContinuousClock.now - begun >= CallLimits().strandedMax)
            nodes.network.release()
        }
        #expect(nodes.calls[0].counts.lost == 1 && nodes.calls[0].counts.sent == 1)
    }

    @Test("waits while its node leads, and while no other is known to")
    func leaderless() async throws {
        var limits = CallLimits.ofTests
        limits.strandedMax = .milliseconds(20)
        let nodes = TestNodes(commitsItself: false, limits: limits)
        nodes.lead(2)
        try await nodes.running { shards async throws in
            let answer = Task { try await shards.run(Add(units: 5), at: .zero).get() }
            await until { nodes.journals[1].pendingCount == 1 }
            for leader in [NodeID(2), nil] {
                nodes.believe(leader, as: NodeID(1))
                try await Task.sleep(for: .milliseconds(100))
            }
            nodes.journals[1].commitAll()
            #expect(try await answer.value == Total(units: 5))
        }
    }

    @Test("has an unknown outcome at its deadline")
    func deadline() async throws {
        var limits = CallLimits.ofTests
        limits.timeout = .seconds(3)
        let nodes = TestNodes(commitsItself: false, limits: limits)
        nodes.lead(2)
        try await nodes.running { shards async throws in
            await #expect(throws: ExecutionFailure.outcomeUnknown) {
                try await shards.run(Add(units: 5), at: .zero).get()
            }
            nodes.journals[1].commitAll()
        }
    }

    @Test("is not begun any more after its deadline")
    func late() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        let leader = try ShardLeader.resolve(
            id: LeaderID(node: NodeID(2), shard: ShardID(0)), using: nodes.calls[1].route.system)
        let call = StepCallBytes.of(Add(units: 1))
        #expect(try await leader.take(ShardCall(call, deadline: .now - .seconds(1))) == LeaderReply(.late))
        #expect(nodes.journals[1].committed == .zero)
        let reply = try await leader.take(ShardCall(call, deadline: .now + .seconds(60)))
        #expect(reply == LeaderReply(.replied([1, 0, 0, 0, 1])))
    }
}

@Suite("Calls of one node on another") struct CallOrderTests {
    @Test("begin in the order in which they were sent, whatever else the shard is asked")
    func order() async throws {
        let count: UInt32 = 20_000
        let nodes = TestNodes(steps: [.step(Mark.self)])
        nodes.lead(2)
        Mark.seen.withLock { $0 = [] }
        try await nodes.running { _ async throws in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        for _ in 0..<count / 4 { _ = await nodes.shards[1].catalogue.readCommitted { $0.index } }
                    }
                }
                for number in 1...count {
                    let call = StepCallBytes.of(Mark(number: number))
                    nodes.network.inject(
                        CallFrame.call(
                            CallNumber(rawValue: UInt64(number)), CallTargets.take.number, ShardID(0),
                            ShardCall(call, deadline: .now + .seconds(600)).bytesOnWire),
                        from: NodeID(1), to: NodeID(2))
                    if number % 500 == 0 { await until { nodes.calls[1].counts.underWay < 4_000 } }
                }
            }
            await until { nodes.calls[1].counts.underWay == 0 }
        }
        #expect(Mark.seen.withLock { $0 } == Array(1...count))
    }

    @Test("are limited in number, on both sides")
    func limit() async throws {
        var limits = CallLimits.ofTests
        limits.callsMax = 3
        let nodes = TestNodes(commitsItself: false, limits: limits)
        nodes.lead(2)
        try await nodes.running { shards async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { _ = try await shards.run(Add(units: 1), at: .zero).get() } }
                await until { nodes.journals[1].pendingCount == 3 }
                await #expect(throws: ExecutionFailure.refused(.full)) {
                    try await shards.run(Add(units: 1), at: .zero).get()
                }
                // The other side counts for itself.
                nodes.network.inject(
                    CallFrame.call(CallNumber(rawValue: 1), CallTargets.take.number, ShardID(0), []),
                    from: NodeID(1), to: NodeID(2))
                #expect(nodes.calls[1].counts.refused == 1)
                nodes.journals[1].commitAll()
                try await group.waitForAll()
            }
        }
        #expect(nodes.calls[0].counts.inFlight == 0 && nodes.calls[1].counts.underWay == 0)
    }
}
