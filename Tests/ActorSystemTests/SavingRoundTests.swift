import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite struct SavingRoundTests {
    @Test func aRoundSavesInTheOrderOfTheRows() async throws {
        let shard = Shard.ofShelves(MemoryJournal()) { $0.saveLagRecords = 1_000 }
        for number in [7, 3, 900, 1, 300, 2, 40] as [UInt32] { try await shard.command(number, .add(1)) }
        #expect(await shard.takenByRound(steps: 3) == [[1, 2, 3], [7, 40, 300], [900]])
    }

    @Test func aRoundEndsAfterHalfTheRecordsUntilTheNext() async throws {
        let shard = Shard.ofShelves(MemoryJournal()) { $0.saveLagRecords = 1_000 }
        for number in 1...20 as ClosedRange<UInt32> { try await shard.command(number, .add(1)) }
        #expect(await shard.countsOfRound(lag: 8, recordsAtATime: 1) == [6, 6, 6, 2])
        #expect(await shard.countsOfRound(lag: 8, recordsAtATime: 2) == [12, 8])
        // However many there are, one step stays small.
        #expect(await shard.countsOfRound(lag: 8, recordsAtATime: 1_000) == [15, 5])
    }

    /// A record may change hundreds of owners, and then few records settle.
    @Test func aRoundEndsAfterHalfTheTicksUntilTheNextThoughNothingSettles() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal) { ($0.saveLagRecords, $0.saveLagTicks) = (1_000, 8) }
        _ = try await shard.execute(at: .zero) { batch throws(Shelf.Refusal) in
            for number in 1...200 as ClosedRange<UInt32> { try batch.decide(Shelf.self, Shelf.ID(number), .add(1)) }
        }.get()
        for _ in 0..<10 { await shard.lookAfterItself() }
        #expect(await shard.isSavingRound)
        #expect(journal.rowCount > 0)
        for _ in 0..<4 { await shard.lookAfterItself() }
        #expect(await !shard.isSavingRound)
        #expect(journal.rowCount == 2 * 200)
    }

    @Test func aTickOwesOnlyWhatTheRecordsHaveNotSaved() async throws {
        let shard = Shard.ofShelves(MemoryJournal()) { $0.saveLagRecords = 1_000 }
        for number in 1...20 as ClosedRange<UInt32> { try await shard.command(number, .add(1)) }
        #expect(await shard.owedByRound(lagTicks: 8, afterTaking: 0) == [0, 5, 10, 15, 20, 20])
        #expect(await shard.owedByRound(lagTicks: 8, afterTaking: 12) == [0, 0, 0, 3, 8, 8])
        #expect(await shard.owedByRound(lagTicks: 8, afterTaking: 20) == [0, 0, 0, 0, 0, 0])
    }

    @Test func theCheckpointWaitsForTheWholeRound() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal) { $0.saveLagTicks = 1_000 }
        // The eighth record after the first makes it due, and its round takes three steps.
        for number in (1...9 as ClosedRange<UInt32>).reversed() { try await shard.command(number, .add(1)) }
        await shard.settle()
        #expect(await shard.isSavingRound)
        #expect(journal.checkpoint == .zero)
        while await shard.isSavingRound {
            #expect(journal.checkpoint == .zero)
            await shard.saveMore(.max)
        }
        #expect(journal.checkpoint == LogIndex(9))
    }
}

extension Shard {
    fileprivate var isSavingRound: Bool { round != nil }

    /// The shelves that a round over what is unsaved now hands out, so many at a time.
    fileprivate func takenByRound(steps count: Int) -> [[UInt32]] {
        settle()
        var round = SavingRound(unsaved, at: settled, tick, lag: 1, lagTicks: 1)
        var steps: [[UInt32]] = []
        while !round.isEmpty { steps.append(round.take(count).map { Shelf.ID(encoded: $0.idBytes[...])!.number }) }
        return steps
    }

    /// How many it hands out each time that so many records have settled.
    fileprivate func countsOfRound(lag: UInt64, recordsAtATime count: UInt64) -> [Int] {
        settle()
        var round = SavingRound(unsaved, at: settled, tick, lag: lag, lagTicks: 1)
        var reached = settled
        var counts: [Int] = []
        while !round.isEmpty {
            reached = LogIndex(reached.rawValue + count)
            counts.append(round.take(at: reached, limit: 15).count)
        }
        return counts
    }

    /// What a round over what is unsaved now still owes at this tick and at the five that follow.
    fileprivate func owedByRound(lagTicks: UInt64, afterTaking count: Int) -> [Int] {
        settle()
        var round = SavingRound(unsaved, at: settled, tick, lag: 1, lagTicks: lagTicks)
        _ = round.take(count)
        return (tick...tick + 5).map { round.owed(at: $0) }
    }
}
