import ActorSystem
import EventSourcing
import JournalTesting

/// One shard on which steps are run, over a journal in memory.
public struct StepBench: Sendable {
    public let journal = MemoryJournal()
    public let shards: ShardMap

    public init(_ kinds: [OwnedKind]) {
        shards = ShardMap([
            Shard(id: ShardID(0), journal: journal, states: journal, kinds: kinds, failStop: { fatalError("\($0)") })
        ])
    }

    public func run<Step: ShardStep>(_ step: Step) async throws -> Result<Step.Answer, Step.Refusal> {
        try await shards.run(step, at: .noon)
    }

    public func read<A: Recorded>(_: A.Type, _ id: A.ID) async throws -> Versioned<A> {
        try await shards.read(A.self, id)
    }
}

extension Timestamp {
    public static let noon = Timestamp(milliseconds: 1_700_000_000_000)
}
