import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite struct AlarmTests {
    private func due(_ shard: Shard, at second: Int64, limit: Int = 10) async -> [UInt32] {
        await shard.due(Shelf.self, at: .seconds(second), limit: limit).map(\.number)
    }

    @Test func alarmsThatAreTakenBackAreNotKept() {
        var clock = AlarmClock()
        for number in 1...50_000 as ClosedRange<Int64> {
            let id = [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            clock.arm(id, at: .seconds(100_000 - number))
            if number % 100 != 0 { clock.disarm(id) }
        }
        #expect(clock.count < 5_000)
        var due: [Int] = []
        while let id = clock.popDue(at: .seconds(100_000)) { due.append(Int(id[0]) << 8 | Int(id[1])) }
        #expect(due == stride(from: 50_000, through: 100, by: -100).map { $0 })
    }

    @Test func alarmsComeSoonestFirstAndNotBeforeTheirMoment() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        for (number, second) in [(1, 30), (2, 10), (3, 20)] as [(UInt32, Int64)] {
            try await shard.command(number, .remind(.seconds(second)))
        }
        #expect(await due(shard, at: 9) == [])
        #expect(await due(shard, at: 20, limit: 1) == [2])
        #expect(await due(shard, at: 30) == [3, 2, 1])
        #expect(await shard.awaiting(Shelf.self).map(\.number) == [1, 2, 3])
    }

    @Test func whatIsHandedOutRestsAndComesAgainUntilItIsSettled() async throws {
        let shard = Shard.ofShelves(MemoryJournal()) { $0.alarmRetry = .seconds(5) }
        try await shard.command(1, .remind(.seconds(10)))
        #expect(await due(shard, at: 12) == [1])
        #expect(await due(shard, at: 16) == [])
        #expect(await due(shard, at: 17) == [1])
        try await shard.command(1, .remind(nil))
        #expect(await due(shard, at: 99) == [])
        #expect(await shard.awaiting(Shelf.self).isEmpty)
    }

    @Test func anAlarmPutOffComesAtItsNewMoment() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        try await shard.command(1, .remind(.seconds(10)))
        try await shard.command(1, .remind(.seconds(50)))
        #expect(await due(shard, at: 49) == [])
        #expect(await due(shard, at: 50) == [1])
    }

    @Test func anAlarmBroughtForwardComesOnce() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        try await shard.command(1, .remind(.seconds(50)))
        try await shard.command(1, .remind(.seconds(10)))
        #expect(await due(shard, at: 10) == [1])
        try await shard.command(1, .remind(nil))
        #expect(await due(shard, at: 99) == [])
    }

    @Test func alarmsOutliveRestartsAndPassivation() async throws {
        var journal = MemoryJournal()
        var shard = Shard.ofShelves(journal)
        for number in 1...9 as ClosedRange<UInt32> {
            try await shard.command(number, .remind(.seconds(Int64(number))))
            if number == 5 { await shard.saveAll() }
        }
        try await shard.command(2, .remind(nil))
        try await shard.command(3, .remind(.seconds(30)))
        for _ in 0..<3 {
            journal = journal.reopened()
            shard = Shard.ofShelves(journal)
            try await shard.recover()
            #expect(await shard.awaiting(Shelf.self).map(\.number) == [1, 3, 4, 5, 6, 7, 8, 9])
            #expect(await due(shard, at: 8) == [1, 4, 5, 6, 7, 8])
            #expect(await due(shard, at: 8) == [])
            for _ in 0..<12 { await shard.lookAfterItself() }
            #expect(await due(shard, at: 30) == [9, 1, 4, 5, 6, 7, 8, 3])
        }
    }

    @Test func whatAnEarlierLeadershipLeftIsToldFromWhatThisOneDoes() async throws {
        let journal = MemoryJournal()
        let before = Shard.ofShelves(journal)
        for number in 1...3 { try await before.command(UInt32(number), .remind(.seconds(10))) }
        let shard = Shard.ofShelves(journal.reopened())
        try await shard.recover()
        #expect(await shard.inherited(Shelf.self).map(\.number) == [1, 2, 3])
        try await shard.command(2, .remind(.seconds(20)))
        try await shard.command(4, .remind(.seconds(20)))
        #expect(await shard.awaiting(Shelf.self).map(\.number) == [1, 2, 3, 4])
        #expect(await shard.inherited(Shelf.self).map(\.number) == [1, 3])
    }

    @Test func aBusyAggregateHasOneAlarmHoweverOftenItChanges() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        for _ in 0..<500 { try await shard.command(1, .remind(.seconds(10))) }
        #expect(await shard.awaiting(Shelf.self).count == 1)
        await shard.lookAfterItself()
        #expect(await shard.alarms[Shelf.kind]?.count == 1)
    }
}
