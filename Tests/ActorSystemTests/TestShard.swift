import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

extension Shard {
    /// A shard of shelves on `journal`, with limits so small that every test crosses them.
    static func ofShelves(
        _ journal: MemoryJournal, id: ShardID = ShardID(0), _ adjust: (inout ShardLimits) -> Void = { _ in }
    ) -> Shard {
        var limits = ShardLimits()
        limits.saveLagRecords = 8
        limits.saveLagTicks = 2
        limits.ownersPerStepMax = 3
        limits.unsavedHistoryMax = 5
        limits.residentsMax = 4
        limits.idleTicks = 2
        limits.replayBatchRecords = 7
        limits.forgetRowsPerTickMax = 3
        limits.forgetRestTicks = 1
        adjust(&limits)
        return Shard(
            id: id, journal: journal, states: journal, kinds: [.kind(Shelf.self)], limits: limits,
            failStop: { fatalError("\($0)") })
    }

    /// One command in a batch of its own.
    @discardableResult
    nonisolated func command(
        _ number: UInt32, _ command: Shelf.Command, at now: Timestamp = .zero
    ) async throws -> [Shelf.Event] {
        try await execute(at: now) { batch throws(Shelf.Refusal) in
            try batch.decide(Shelf.self, Shelf.ID(number), command)
        }.get()
    }

    nonisolated func shelf(_ number: UInt32) async throws -> Versioned<Shelf> {
        let result: Result<Versioned<Shelf>, Never> = try await execute(at: .zero) {
            $0.read(Shelf.self, Shelf.ID(number))
        }
        return result.get()
    }

    func owned(_ number: UInt32) -> Bool { table(Shelf.self).owner(Shelf.ID(number)) != nil }

    /// Follows the journal until `body` is done.
    nonisolated func running<Answer: Sendable>(_ body: @Sendable () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.run() }
            let answer = try await body()
            group.cancelAll()
            return answer
        }
    }
}

extension Timestamp {
    static func seconds(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }
}
