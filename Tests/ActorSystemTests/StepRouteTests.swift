import EventSourcing
import JournalTesting
import Synchronization
import Testing

@testable import ActorSystem

/// Says how many bytes it carries.
private struct Weigh: ShardStep {
    let load: [UInt8]

    static let number = StepNumber(rawValue: 9)
    var slot: Slot { Shelf.ID(1).slot }

    func run(in batch: Batch) throws(Never) -> Weight { Weight(count: load.count) }

    func encode(into bytes: inout [UInt8]) { bytes += load }
    init(load: [UInt8]) { self.load = load }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) { load = Array(bytes) }
}

private struct Weight: WireCodable, Equatable {
    let count: Int
    func encode(into bytes: inout [UInt8]) { bytes.append(UInt8(clamping: count)) }
    init(count: Int) { self.count = count }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard let count = bytes.first, bytes.count == 1 else { throw MalformedBytes("not one byte", at: 0) }
        self.count = Int(count)
    }
}

/// Takes steps to a leader in the same process, and does to its replies what the test wants.
private final class TestRoute: ShardRoute {
    private let leader = ShardMap([Shard.ofShelves(MemoryJournal())])
    private let table = StepTable([.step(Weigh.self)])
    private let spoil: @Sendable ([UInt8]) -> [UInt8]
    private let heard = Mutex<[StepNumber]>([])

    /// The steps whose replies were not understood.
    var notUnderstood: [StepNumber] { heard.withLock { $0 } }

    init(_ spoil: @escaping @Sendable ([UInt8]) -> [UInt8]) { self.spoil = spoil }

    /// The shard of a node that follows.
    func follower() -> Shard {
        let journal = MemoryJournal()
        journal.lead(nil)
        return Shard(
            id: ShardID(0), journal: journal, states: journal, kinds: [], route: self,
            failStop: { fatalError("\($0)") })
    }

    func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8] {
        do throws(StepFailure) {
            return spoil(try await table.take(call, in: leader, at: .zero))
        } catch { throw .outcomeUnknown }
    }

    func didNotUnderstand(_ failure: MalformedBytes, of step: StepNumber) { heard.withLock { $0.append(step) } }
}

@Suite("A step on its way to the leader") struct StepRouteTests {
    @Test("comes back with its answer")
    func answered() async throws {
        let route = TestRoute { $0 }
        let answer = try await route.follower().run(Weigh(load: [1, 2, 3]), at: .zero).get()
        #expect(answer == Weight(count: 3) && route.notUnderstood.isEmpty)
    }

    @Test("whose reply cannot be read has an unknown outcome, and its route is told", arguments: 0..<4)
    func malformed(form: Int) async throws {
        let route = TestRoute { reply in
            switch form {
            case 0: []
            case 1: [3] + reply.dropFirst()
            case 2: Array(reply.dropLast())
            default: reply + [UInt8](repeating: 0, count: StepReply.bytesMax)
            }
        }
        let follower = route.follower()
        await #expect(throws: ExecutionFailure.outcomeUnknown) {
            try await follower.run(Weigh(load: [1, 2, 3]), at: .zero).get()
        }
        #expect(route.notUnderstood == [Weigh.number])
    }

    @Test("stays when it carries more than a call may have")
    func tooLarge() async throws {
        let follower = TestRoute { $0 }.follower()
        let load = [UInt8](repeating: 0, count: StepCall.bytesMax)
        await #expect(throws: ExecutionFailure.refused(.recordTooLarge(bytesMax: StepCall.bytesMax))) {
            try await follower.run(Weigh(load: load), at: .zero).get()
        }
    }
}
