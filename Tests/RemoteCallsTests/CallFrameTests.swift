import ActorSystem
import Consensus
import EventSourcing
import Testing

@testable import RemoteCalls

@Suite("The bytes of calls") struct CallFrameTests {
    private static let samples: [(name: String, bytes: [UInt8], golden: String)] = [
        (
            "call",
            CallFrame.call(CallNumber(rawValue: 258), CallTargets.take.number, ShardID(3), [7, 8]),
            "01000000000000010201000307" + "08"
        ),
        ("replied", reply(.replied([9, 9])), "020000000000000102" + "010909"),
        ("outcome unknown", reply(.failed(.outcomeUnknown)), "020000000000000102" + "0200"),
        ("full", reply(.failed(.refused(.full))), "020000000000000102" + "0201"),
        ("too large", reply(.failed(.refused(.recordTooLarge(bytesMax: 5)))), "020000000000000102" + "020200000005"),
        ("storage full", reply(.failed(.refused(.storageFull))), "020000000000000102" + "0203"),
        ("closed", reply(.failed(.refused(.closed))), "020000000000000102" + "0204"),
        ("follower", reply(.notLeading(nil)), "020000000000000102" + "0300"),
        ("other leader", reply(.notLeading(NodeID(2))), "020000000000000102" + "03010000000000000002"),
        ("late", reply(.late), "020000000000000102" + "04"),
        ("unknown step", reply(.unknownStep(StepNumber(rawValue: 4))), "020000000000000102" + "050004"),
        ("malformed", reply(.malformed), "020000000000000102" + "06"),
        ("refusal", CallFrame.refusal(CallNumber(rawValue: 258), .unknownTarget), "03000000000000010202"),
    ]

    private static func reply(_ content: LeaderReply.Content) -> [UInt8] {
        CallFrame.reply(CallNumber(rawValue: 258), LeaderReply(content))
    }

    @Test("are these, and mean the same to every node")
    func golden() throws {
        for sample in Self.samples {
            let text = sample.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(text == sample.golden, "\(sample.name)")
            if case .reply(_, let value) = try CallFrame(decoding: sample.bytes) {
                #expect(CallFrame.reply(CallNumber(rawValue: 258), try LeaderReply(decoding: value)) == sample.bytes)
            }
        }
        #expect(CallTargets.name(of: TargetNumber(rawValue: 2)) == nil)
        #expect(CallRefusal.allCases.map(\.rawValue) == [1, 2, 3])
    }

    @Test("carry the time that is left")
    func deadline() throws {
        var bytes: [UInt8] = []
        ShardCall([1, 2], deadline: .now + .seconds(5)).encode(into: &bytes)
        let call = try ShardCall(decoding: bytes[...])
        #expect(call.bytes == [1, 2] && call.deadline > .now + .seconds(4) && call.deadline < .now + .seconds(6))
        bytes = []
        ShardCall([], deadline: .now - .seconds(5)).encode(into: &bytes)
        #expect(bytes == [0, 0, 0, 0])
    }

    @Test("harm no node, whatever they are")
    func mutations() async throws {
        let nodes = TestNodes()
        nodes.lead(2)
        var random = SystemRandomNumberGenerator()
        let call = CallFrame.call(
            CallNumber(rawValue: 1), CallTargets.take.number, ShardID(0),
            ShardCall(StepCallBytes.of(Add(units: 1)), deadline: .now + .seconds(60)).bytesOnWire)
        let frames = Self.samples.map(\.bytes) + [call]
        try await nodes.running { _ async throws in
            for round in 0..<100_000 {
                var frame = frames[round % frames.count]
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0 where !frame.isEmpty:
                        frame[Int.random(in: frame.indices, using: &random)] = .random(in: 0...255, using: &random)
                    case 1: frame.removeLast(Int.random(in: 0...frame.count, using: &random))
                    default: frame.append(.random(in: 0...255, using: &random))
                    }
                }
                nodes.network.inject(frame, from: NodeID(1), to: NodeID(2))
                nodes.network.inject(frame, from: NodeID(2), to: NodeID(1))
                if round % 1_000 == 0 { await until { nodes.calls[1].counts.underWay < 1_000 } }
            }
            await until { nodes.calls.allSatisfy { $0.counts.underWay == 0 } }
        }
    }
}
