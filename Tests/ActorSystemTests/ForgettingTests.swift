import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite struct ForgettingTests {
    private func pass(_ shard: Shard, ticks: Int = 30) async { for _ in 0..<ticks { await shard.lookAfterItself() } }

    @Test func whatHasExpiredLeavesTheDiskAndIsAsIfItHadNeverBeen() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        for number in 1...20 as ClosedRange<UInt32> {
            try await shard.command(number, .rent(until: .seconds(number % 2 == 0 ? 10 : 1_000)))
        }
        try await shard.command(99, .add(1), at: .seconds(10))
        await pass(shard)
        // The shard's own time is a row too.
        #expect(journal.rowCount == 2 * 21 + 1)
        // The clock is that of committed records, not of the caller.
        try await shard.command(99, .add(1), at: .seconds(11))
        await pass(shard)
        #expect(journal.rowCount == 2 * 11 + 1)
        #expect(try await shard.shelf(2).exists == false)
        #expect(try await shard.shelf(3).exists)
        try await shard.command(2, .add(4))
        #expect(try await shard.shelf(2).version == 1)
        let next = Shard.ofShelves(journal.reopened())
        try await next.recover()
        #expect(try await next.shelf(2).version == 1)
        #expect(try await next.shelf(2).state.units == 4)
        #expect(try await next.list(Shelf.self, group: [], descending: false, limit: 99).count == 12)
    }

    @Test func whatWantsAttentionIsNotForgotten() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .remind(.seconds(500)))
        try await shard.command(1, .rent(until: .seconds(1)))
        try await shard.command(2, .add(1), at: .seconds(9))
        await pass(shard)
        #expect(try await shard.shelf(1).version == 2)
    }

    @Test func aDeletionOnItsWayToTheDiskIsNotSeenPast() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .rent(until: .seconds(1)))
        try await shard.command(2, .add(1), at: .seconds(9))
        await shard.saveAll()
        // From here on nothing is durable until the test says so; the search begins with the next ticks.
        let slow = journal.reopened(commitsItself: false)
        let next = Shard.ofShelves(slow)
        try await next.recover()
        for _ in 0..<4 { await next.lookAfterItself() }
        #expect(try slow.value(forKey: StateKeys.state(Shelf.self, Shelf.ID(1))) != nil)
        #expect(try await next.shelf(1).exists == false)
        async let added = next.command(1, .add(3), at: .seconds(9))
        while slow.waiterCount < 1 { await Task.yield() }
        // The record is committed, the deletion is lost in a crash.
        slow.commit(through: slow.committed.next)
        _ = try await added
        let last = Shard.ofShelves(slow.reopened())
        try await last.recover()
        #expect(try await last.shelf(1).version == 1)
        #expect(try await last.shelf(1).state == next.shelf(1).state)
    }

    @Test func nothingThatTheLogStillChangesIsForgotten() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal) { $0.saveLagTicks = 1_000; $0.saveLagRecords = 1_000 }
        try await shard.command(1, .rent(until: .seconds(1)))
        try await shard.command(2, .add(1), at: .seconds(9))
        await pass(shard)
        #expect(try await shard.shelf(1).exists)
        let next = Shard.ofShelves(journal.reopened())
        #expect(try await next.recover() == 2)
    }
}
