import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite struct HistoryPruningTests {
    /// A shelf of which twelve units were taken one by one, and all of it saved.
    private func shard(on journal: MemoryJournal) async throws -> Shard {
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(20))
        for _ in 1...12 {
            try await shard.command(1, .take(1))
            await shard.lookAfterItself()
        }
        await shard.saveAll()
        return shard
    }

    private func pass(_ shard: Shard) async { for _ in 0..<30 { await shard.lookAfterItself() } }

    @Test func historyGoesWithTheRecordsThatItTellsOfAndTheStateStays() async throws {
        let journal = MemoryJournal(keepsEverything: false)
        let shard = try await shard(on: journal)
        let before = await shard.history(Shelf.self, Shelf.ID(1), before: nil, limit: 99)
        #expect(before.map(\.version) == Array((2...13).reversed()))
        journal.release(through: LogIndex(9))
        try await shard.command(2, .add(1))
        await pass(shard)
        #expect(journal.first == LogIndex(10))
        let after = await shard.history(Shelf.self, Shelf.ID(1), before: nil, limit: 99)
        // All that the log still tells of is there, and no chunk that is older than the log.
        #expect(after.map(\.version) == Array(before.map(\.version).prefix(after.count)))
        #expect(after.count < 12 && after.count { $0.index >= journal.first } == 4, "\(after.map(\.index))")
        #expect(try await shard.shelf(1).state.units == 8)
        let next = Shard.ofShelves(journal.reopened())
        try await next.recover()
        #expect(await next.history(Shelf.self, Shelf.ID(1), before: nil, limit: 99) == after)
        #expect(try await next.shelf(1).version == 13)
    }

    @Test func historyStaysAsLongAsTheLogDoes() async throws {
        let journal = MemoryJournal()
        let shard = try await shard(on: journal)
        journal.release(through: LogIndex(9))
        try await shard.command(2, .add(1))
        await pass(shard)
        #expect(await shard.history(Shelf.self, Shelf.ID(1), before: nil, limit: 99).count == 12)
    }
}
