import Cluster
import Consensus
import Gateway
import Testing

@testable import cloudretail

@Suite("What nodes tell each other")
struct GossipMessageTests {
    static let facts = NodeFacts(
        node: 300, http: "http://127.0.0.1:8080", isReady: true, version: "0.10",
        replicas: NodeFacts.Role.allCases.enumerated().map { number, role in
            .init(shard: UInt16(number), role: role, term: 7, committed: 300, applied: 299)
        })

    private static let load: GossipMessage = .load(
        NodeLoad(uptimeMilliseconds: 300, requests: 1, commits: 2, commitMicroseconds: 3))

    private static let members: GossipMessage = .members([
        MemberBook.Line(node: NodeID(2), entry: .removed),
        MemberBook.Line(node: NodeID(300), entry: .address(NodeConfiguration.SocketAddress("[::1]:7004")!)),
    ])

    @Test("keeps its bytes, of members and goals too")
    func membersGolden() throws {
        let members: [UInt8] = [3, 2, 2, 1, 0xac, 2, 0, 3] + Array("::1".utf8) + [0x1b, 0x5c]
        #expect(Self.members.encoded() == members)
        #expect(try GossipMessage(decoding: members) == Self.members)
        for (goal, bytes) in [
            (MembershipGoal(adding: NodeID(4), removing: NodeID(2)), [4, 1, 4, 1, 2]),
            (MembershipGoal(adding: NodeID(4)), [4, 1, 4, 0]), (MembershipGoal(removing: NodeID(2)), [4, 0, 1, 2]),
        ] as [(MembershipGoal, [UInt8])] {
            #expect(GossipMessage.goal(goal).encoded() == bytes)
            #expect(try GossipMessage(decoding: bytes) == .goal(goal))
        }
        // No node has the number 0, and no host is empty.
        for bytes in [[4, 1, 0, 0], [3, 1, 0, 1], [3, 1, 2, 0, 0, 0, 1]] as [[UInt8]] {
            #expect(throws: (any Error).self) { try GossipMessage(decoding: bytes) }
        }
    }

    @Test("keeps its bytes")
    func golden() throws {
        let bytes = GossipMessage.facts(Self.facts).encoded()
        let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
            text
                == "01ac0215687474703a2f2f3132372e302e302e313a383038300104302e313004000001"
                + "07ac02ab0200010207ac02ab0200020307ac02ab0200030407ac02ab02")
        #expect(try GossipMessage(decoding: bytes) == .facts(Self.facts))
        let uses = GossipMessage.uses([RateUse(key: 0x0102, nanoseconds: 300), RateUse(key: .max, nanoseconds: 1)])
        let expected: [UInt8] = [2, 2, 0, 0, 0, 0, 0, 0, 1, 2, 0xac, 2] + [UInt8](repeating: 0xff, count: 8) + [1]
        #expect(uses.encoded() == expected)
        #expect(try GossipMessage(decoding: expected) == uses)
        #expect(Self.load.encoded() == [5, 0xac, 2, 1, 2, 3])
        #expect(try GossipMessage(decoding: [5, 0xac, 2, 1, 2, 3]) == Self.load)
        #expect(GossipMessage.disk(isFull: true).encoded() == [6, 1])
        for isFull in [true, false] {
            #expect(try GossipMessage(decoding: [6, isFull ? 1 : 0]) == .disk(isFull: isFull))
        }
    }

    @Test("is read whole or not at all, and no bytes stop a node")
    func mutations() throws {
        try mutate(.facts(Self.facts))
        try mutate(Self.members)
        try mutate(Self.load)
        try mutate(.disk(isFull: true))
        try mutate(.goal(MembershipGoal(adding: NodeID(300), removing: NodeID(2))))
        try mutate(.uses((1...20).map { RateUse(key: $0 << 40, nanoseconds: Int64($0) << 30) }))
    }

    private func mutate(_ message: GossipMessage) throws {
        let bytes = message.encoded()
        for count in bytes.indices {
            #expect(throws: (any Error).self) { try GossipMessage(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: (any Error).self) { try GossipMessage(decoding: bytes + [0]) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100_000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                mutated[Int.random(in: mutated.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? GossipMessage(decoding: mutated)
        }
    }
}
