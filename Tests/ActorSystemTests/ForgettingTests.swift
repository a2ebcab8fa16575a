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
        #expect(await next.list(Shelf.self, group: [], descending: false, limit: 99).count == 12)
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
        #expect(await shard.owned(1))
        let next = Shard.ofShelves(journal.reopened())
        #expect(try await next.recover() == 2)
    }

    @Test func whatMayBeForgottenCountsAsNewThoughItIsStillThere() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(5))
        try await shard.command(1, .rent(until: .seconds(10)))
        try await shard.command(2, .add(1), at: .seconds(10))
        #expect(try await shard.shelf(1).version == 2)
        try await shard.command(2, .add(1), at: .seconds(11))
        #expect(await shard.owned(1))
        #expect(try await shard.shelf(1).exists == false)
        await #expect(throws: Shelf.Refusal.tooFew(0)) { try await shard.command(1, .take(1), at: .seconds(11)) }
        try await shard.command(1, .add(2), at: .seconds(11))
        #expect(try await shard.shelf(1).version == 1)
        #expect(try await shard.shelf(1).state.units == 2)
        let next = Shard.ofShelves(journal.reopened())
        try await next.recover()
        #expect(try await next.shelf(1).state == shard.shelf(1).state)
    }

    /// Each node forgets when it comes to it. What one decides, that has not, another must be able to follow, that has.
    @Test func aReplicaThatHasForgottenFollowsOneThatHasNot() async throws {
        let journal = MemoryJournal()
        let leader = Shard.ofShelves(journal) { $0.idleTicks = .max }
        try await leader.command(1, .rent(until: .seconds(1)))
        try await leader.command(2, .add(1), at: .seconds(9))
        await leader.saveAll()
        let followed = journal.reopened()
        let follower = Shard.ofShelves(followed)
        try await follower.recover()
        await pass(follower)
        #expect(try followed.value(forKey: StateKeys.state(Shelf.self, Shelf.ID(1))) == nil)
        #expect(await leader.owned(1))
        try await leader.command(1, .add(4), at: .seconds(9))
        try await leader.command(1, .rent(until: .seconds(20)), at: .seconds(9))
        for record in try journal.records(from: LogIndex(3), countMax: 9, bytesMax: 1 << 20) {
            _ = try followed.propose(Array(record.bytes), at: record.time, in: 1)
        }
        let next = Shard.ofShelves(followed.reopened())
        try await next.recover()
        #expect(try await next.shelf(1).version == 2)
        #expect(try await next.shelf(1).state == leader.shelf(1).state)
    }

    @Test func whatBeginsAnewWhileMoreIsInFlightIsSettledInOrder() async throws {
        let journal = MemoryJournal()
        let before = Shard.ofShelves(journal)
        try await before.command(1, .add(7))
        try await before.command(1, .rent(until: .seconds(1)))
        await before.saveAll()
        let slow = journal.reopened(commitsItself: false)
        let shard = Shard.ofShelves(slow) { $0.idleTicks = .max }
        try await shard.recover()
        async let rented = shard.command(1, .rent(until: .seconds(2)), at: .seconds(1))
        while slow.waiterCount < 1 { await Task.yield() }
        async let added = shard.command(1, .add(3), at: .seconds(9))
        while slow.waiterCount < 2 { await Task.yield() }
        async let more = shard.command(1, .add(1), at: .seconds(9))
        while slow.waiterCount < 3 { await Task.yield() }
        // A refusal leaves what is in flight as it was.
        async let refused = #expect(throws: Shelf.Refusal.tooFew(4)) {
            _ = try await shard.execute(at: .seconds(9)) { batch throws(Shelf.Refusal) in
                try batch.decide(Shelf.self, Shelf.ID(1), .add(0))
                try batch.decide(Shelf.self, Shelf.ID(1), .take(5))
            }.get()
        }
        while slow.waiterCount < 4 { await Task.yield() }
        for index in 3...5 as ClosedRange<UInt64> {
            slow.commit(through: LogIndex(index))
            await shard.lookAfterItself()
        }
        _ = try await (rented, added, more)
        _ = await refused
        #expect(try await shard.shelf(1).version == 2)
        #expect(try await shard.shelf(1).state.units == 4)
        let next = Shard.ofShelves(slow.reopened())
        try await next.recover()
        #expect(try await next.shelf(1).version == 2)
        #expect(try await next.shelf(1).state == shard.shelf(1).state)
    }

    @Test func aListHasWhatBeganAnewOnce() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .rent(until: .seconds(1)))
        await shard.saveAll()
        try await shard.command(1, .add(4), at: .seconds(9))
        await shard.saveAll()
        await pass(shard)
        #expect(await shard.list(Shelf.self, group: [1], descending: false, limit: 9) == [Shelf.ID(1)])
    }
}
