import EventSourcing
import JournalTesting
import Synchronization
import Testing

@testable import ActorSystem

@Suite struct BatchTests {
    @Test func aBatchOverSeveralAggregatesIsOneRecord() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        let result: Result<Int, Shelf.Refusal> = try await shard.execute(at: .seconds(1)) {
            batch throws(Shelf.Refusal) in
            try batch.decide(Shelf.self, Shelf.ID(1), .add(5))
            try batch.decide(Shelf.self, Shelf.ID(2), .add(7))
            try batch.decide(Shelf.self, Shelf.ID(1), .take(2))
            return batch.read(Shelf.self, Shelf.ID(1)).state.units
        }
        #expect(try result.get() == 3)
        #expect(journal.committed == LogIndex(1))
        let record = try #require(try journal.records(from: LogIndex(1), countMax: 9, bytesMax: .max).first)
        let entries = try RecordBody(record.bytes).entries
        #expect(entries.map(\.events.count) == [2, 1])
        #expect(record.time == .seconds(1))
        #expect(try await shard.shelf(1).version == 2)
        #expect(try await shard.shelf(2).state.units == 7)
    }

    @Test func aRefusalUndoesTheWholeBatch() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(5))
        let result: Result<Void, Shelf.Refusal> = try await shard.execute(at: .zero) { batch throws(Shelf.Refusal) in
            try batch.decide(Shelf.self, Shelf.ID(1), .take(5))
            try batch.decide(Shelf.self, Shelf.ID(2), .add(1))
            try batch.decide(Shelf.self, Shelf.ID(2), .take(2))
        }
        guard case .failure(.tooFew(1)) = result else { return #expect(Bool(false), "\(result)") }
        #expect(journal.committed == LogIndex(1))
        #expect(try await shard.shelf(1).state.units == 5)
        #expect(try await shard.shelf(2).exists == false)
        try await shard.command(1, .take(5))
    }

    @Test func aBatchThatSwallowsARefusalKeepsWhatWasDecided() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        let result: Result<Bool, Never> = try await shard.execute(at: .zero) { batch in
            do throws(Shelf.Refusal) {
                try batch.decide(Shelf.self, Shelf.ID(1), .add(1))
                try batch.decide(Shelf.self, Shelf.ID(1), .take(2))
                return false
            } catch { return error == .tooFew(1) }
        }
        #expect(result.get())
        #expect(try await shard.shelf(1).state.units == 1)
    }

    @Test(arguments: [JournalRefusal.full, .storageFull, .closed, .recordTooLarge(bytesMax: 1)])
    func whatTheJournalRefusesLeavesNoTrace(_ refusal: JournalRefusal) async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(5))
        journal.refuse(refusal)
        await #expect(throws: ExecutionFailure.refused(refusal)) { try await shard.command(1, .take(5)) }
        #expect(try await shard.shelf(1).state.units == 5)
        journal.refuse(nil)
        try await shard.command(1, .take(5))
    }

    @Test func aRecordsTimeNeverRunsBackwards() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        for second in [5, 3, 9, 1] as [Int64] { try await shard.command(1, .add(1), at: .seconds(second)) }
        let times = try journal.records(from: LogIndex(1), countMax: 9, bytesMax: .max).map(\.time)
        #expect(times == times.sorted() && times[0] == .seconds(5) && times[2] >= .seconds(9))
        let next = Shard.ofShelves(journal.reopened())
        try await next.recover()
        let now: Result<Timestamp, Never> = try await next.execute(at: .seconds(2)) { $0.now }
        #expect(now.get() >= times[3])
    }

    /// Who reads shows no clock: the log's time does not take that for a clock that is half a century behind.
    @Test func readingLeavesTheTimeOfTheLogAlone() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(1), at: .seconds(1_000_000))
        _ = try await shard.shelf(1)
        try await shard.command(1, .add(1), at: .seconds(1_000_001))
        let times = try journal.records(from: LogIndex(1), countMax: 9, bytesMax: .max).map(\.time)
        #expect(times == [.seconds(1_000_000), .seconds(1_000_001)])
    }

    @Test func hundredsAtOnceNeverOversell() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        async let added = shard.command(1, .add(100))
        while journal.waiterCount < 1 { await Task.yield() }
        journal.commitAll()
        _ = try await added
        let sold = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<400 {
                group.addTask {
                    do {
                        try await shard.command(1, .take(1))
                        return true
                    } catch is Shelf.Refusal { return false }
                }
            }
            // All are decided before the first is committed: nothing but the running state keeps them apart.
            while journal.waiterCount < 400 { await Task.yield() }
            #expect(journal.pendingCount == 100)
            journal.commitAll()
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(sold == 100)
        #expect(try await shard.shelf(1).state.units == 0)
    }

    // MARK: - No caller is told too early

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }
        func raise() { value.store(true, ordering: .sequentiallyConsistent) }
    }

    /// Runs `question` while a change of shelf 1 is in flight, and returns whether it answered before the commit.
    private func answersEarly(_ question: @escaping @Sendable (Shard) async throws -> Void) async throws -> Bool {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        let answered = Flag()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await shard.command(1, .add(5)) }
            while journal.waiterCount < 1 { await Task.yield() }
            group.addTask {
                try await question(shard)
                answered.raise()
            }
            while journal.waiterCount < 2, !answered.isRaised { await Task.yield() }
            let early = answered.isRaised
            journal.commitAll()
            try await group.waitForAll()
            return early
        }
    }

    @Test func aRefusalWaitsForWhatItRestsOn() async throws {
        let early = try await answersEarly { shard in
            await #expect(throws: Shelf.Refusal.tooFew(5)) { try await shard.command(1, .take(6)) }
        }
        #expect(!early)
    }

    @Test func aPromiseThatStandsWaitsForWhatItRestsOn() async throws {
        let early = try await answersEarly { shard in
            let events = try await shard.command(1, .add(0))
            #expect(events.isEmpty)
        }
        #expect(!early)
    }

    @Test func aReadWaitsForWhatItRestsOn() async throws {
        let early = try await answersEarly { shard in
            let units = try await shard.shelf(1).state.units
            #expect(units == 5)
        }
        #expect(!early)
    }

    @Test func whatRestsOnNothingInFlightDoesNotWait() async throws {
        let early = try await answersEarly { shard in
            let exists = try await shard.shelf(2).exists
            #expect(!exists)
        }
        #expect(early)
    }

    @Test func aJournalThatEndsLeavesTheOutcomeUnknown() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: ExecutionFailure.outcomeUnknown) { try await shard.command(1, .add(5)) }
            }
            while journal.waiterCount < 1 { await Task.yield() }
            journal.fail()
        }
        await #expect(throws: ExecutionFailure.refused(.closed)) { try await shard.command(2, .add(5)) }
        await #expect(throws: ExecutionFailure.outcomeUnknown) { try await shard.shelf(1) }
    }
}
