import EventSourcing
import JournalTesting
import Testing
import Wire

@testable import ActorSystem

@Suite struct RecoveryTests {
    private func fill(_ shard: Shard, _ range: ClosedRange<UInt32> = 1...40) async throws {
        for number in range {
            try await shard.command(number % 10, .add(Int(number)))
            if number > 10 { try await shard.command(number % 10, .take(1)) }
        }
    }

    private func states(_ shard: Shard) async throws -> [Shelf] {
        var states: [Shelf] = []
        for number in 0..<10 as Range<UInt32> { states.append(try await shard.shelf(number).state) }
        return states
    }

    @Test func aShardIsRebuiltFromItsLogAlone() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await fill(shard)
        #expect(journal.rowCount == 0)
        let next = Shard.ofShelves(journal.reopened()) { $0.saveLagRecords = .max / 2 }
        #expect(try await next.recover() == 70)
        #expect(try await states(next) == states(shard))
    }

    @Test func aShardIsRebuiltFromACheckpointAndTheTailBehindIt() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await fill(shard, 1...20)
        await shard.saveAll()
        try await fill(shard, 21...40)
        let next = Shard.ofShelves(journal.reopened())
        #expect(try await next.recover() == 40)
        #expect(try await states(next) == states(shard))
        #expect(try await next.shelf(3).version == shard.shelf(3).version)
    }

    @Test func aShardThatSavedEverythingReplaysNothing() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await fill(shard)
        await shard.saveAll()
        #expect(journal.checkpoint == journal.committed)
        let next = Shard.ofShelves(journal.reopened())
        #expect(try await next.recover() == 0)
        #expect(await next.residentCount == 0)
        #expect(try await states(next) == states(shard))
    }

    @Test func savingOfItselfBoundsTheTailToReplay() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        for _ in 0..<30 {
            try await fill(shard, 1...10)
            await shard.lookAfterItself()
        }
        #expect(journal.committed.rawValue - journal.checkpoint.rawValue <= 40)
        for _ in 0..<12 { await shard.lookAfterItself() }
        #expect(journal.checkpoint == journal.committed)
    }

    @Test func idleOwnersLeaveMemoryAndComeBackAsTheyWere() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await fill(shard)
        let before = try await states(shard)
        for _ in 0..<12 { await shard.lookAfterItself() }
        #expect(await shard.residentCount == 0)
        #expect(try await states(shard) == before)
        try await shard.command(3, .take(1))
        #expect(try await shard.shelf(3).version == UInt64(before[3].taken + 1 + 4))
    }

    @Test func ownersInMemoryStayWithinTheLimitOnceTheyAreSaved() async throws {
        let shard = Shard.ofShelves(MemoryJournal()) { $0.idleTicks = 1_000_000 }
        for number in 1...100 as ClosedRange<UInt32> { try await shard.command(number, .add(1)) }
        for _ in 0..<60 { await shard.lookAfterItself() }
        #expect(await shard.residentCount <= 4)
        for number in 1...100 as ClosedRange<UInt32> { #expect(try await shard.shelf(number).state.units == 1) }
    }

    @Test func aLongReplayKeepsFewOwnersInMemory() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal) { $0.saveLagRecords = .max / 2 }
        for number in 1...400 as ClosedRange<UInt32> { try await shard.command(number, .add(1)) }
        let next = Shard.ofShelves(journal.reopened()) { limits in
            limits.saveLagRecords = 40
            limits.ownersPerStepMax = 20
        }
        #expect(try await next.recover() == 400)
        // A round takes half as many records as it waits for, and each changed a shelf of its own.
        #expect(await next.residentCount <= 2 * 40)
        for number in 1...400 as ClosedRange<UInt32> { #expect(try await next.shelf(number).state.units == 1) }
    }

    @Test func anOwnerStaysWhileItsEventsAreInFlightOrNotDurable() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        async let added = shard.command(1, .add(5))
        while journal.waiterCount < 1 { await Task.yield() }
        for _ in 0..<9 { await shard.lookAfterItself() }
        #expect(await shard.owned(1))
        journal.commit(through: LogIndex(1))
        _ = try await added
        // Saved, but the save is not durable.
        for _ in 0..<9 { await shard.lookAfterItself() }
        #expect(await shard.owned(1))
        journal.commitAll()
        for _ in 0..<3 { await shard.lookAfterItself() }
        #expect(await !shard.owned(1))
        #expect(try await shard.shelf(1).state.units == 5)
    }

    @Test func anAcknowledgedRecordIsThereAfterACrash() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        await withTaskGroup(of: Void.self) { group in
            for number in 1...10 as ClosedRange<UInt32> {
                group.addTask { _ = try? await shard.command(number, .add(1)) }
            }
            while journal.waiterCount < 10 { await Task.yield() }
            journal.commit(through: LogIndex(6))
            journal.fail()
        }
        let next = Shard.ofShelves(journal.reopened())
        #expect(try await next.recover() == 6)
        var units = 0
        for number in 1...10 as ClosedRange<UInt32> { units += try await next.shelf(number).state.units }
        #expect(units == 6)
    }

    // MARK: - Logs that cannot be trusted

    private func recovering(_ bytes: [UInt8]) async throws -> RecoveryFailure? {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        try await shard.command(1, .add(5))
        _ = try journal.propose(bytes, at: .zero, in: 1)
        let next = Shard.ofShelves(journal.reopened())
        do {
            try await next.recover()
            return nil
        } catch { return error as? RecoveryFailure }
    }

    private func record(kind: UInt8, id: [UInt8], versionBefore: UInt64, events: [[UInt8]]) -> [UInt8] {
        var writer = RecordBodyWriter(kinds: [AggregateKind(rawValue: kind)])
        writer.beginEntry(kind: AggregateKind(rawValue: kind), versionBefore: versionBefore, events: events.count) {
            $0 += id
        }
        for event in events { writer.writeEvent { $0 += event } }
        return writer.bytes
    }

    @Test func anUnknownKindStopsTheRecovery() async throws {
        let bytes = record(kind: 9, id: [1], versionBefore: 0, events: [[1]])
        #expect(try await recovering(bytes) == .unknownKind(9, LogIndex(2)))
    }

    @Test(arguments: [0, 2, 3] as [UInt64])
    func aGapInTheVersionsStopsTheRecovery(_ version: UInt64) async throws {
        let bytes = record(kind: 200, id: [0, 0, 0, 1], versionBefore: version, events: [[1, 2]])
        #expect(try await recovering(bytes) == .versionGap(kind: 200, expected: 1, found: version, LogIndex(2)))
    }

    @Test func anEventThatCannotBeReadStopsTheRecovery() async throws {
        for events in [[[99]], [[]], [[1, 2], [7]]] as [[[UInt8]]] {
            let failure = try await recovering(record(kind: 200, id: [0, 0, 0, 1], versionBefore: 1, events: events))
            guard case .malformed(LogIndex(2), _) = failure else {
                Issue.record("\(String(describing: failure))")
                continue
            }
        }
    }

    @Test func anIdThatCannotBeReadStopsTheRecovery() async throws {
        let failure = try await recovering(record(kind: 200, id: [1], versionBefore: 0, events: [[1, 2]]))
        guard case .malformed(LogIndex(2), _) = failure else { return #expect(Bool(false)) }
    }

    @Test func aRecordCutShortIsMalformedAtEveryByte() throws {
        let whole = record(kind: 200, id: [0, 0, 0, 1], versionBefore: 300, events: [[1, 2], [2, 2]])
        _ = try RecordBody(whole[...])
        for count in whole.indices {
            #expect(throws: MalformedBytes.self) { try RecordBody(whole.prefix(count)) }
        }
        #expect(throws: MalformedBytes.self) { try RecordBody((whole + [0])[...]) }
    }
}
