import EventSourcing
import JournalTesting
import Testing

@testable import Storage

/// What every implementation of `Journal` and `StateStore` owes the shards. Implementations here keep as little as they
/// may.
@Suite struct JournalContractTests {
    enum Implementation: CaseIterable { case lmdb, memory }

    private func with(
        _ implementation: Implementation, _ body: (any Journal, any StateStore, _ end: () -> Void) async throws -> Void
    ) async throws {
        switch implementation {
        case .memory:
            let journal = MemoryJournal(keepsEverything: false)
            try await body(journal, journal, journal.fail)
        case .lmdb:
            let directory = TemporaryDirectory()
            try await directory.withData(options: .init(retention: .bytes(0), freeBytesMin: 0)) { data async throws in
                try await body(data.journals[0], data.states[0], data.finishWriting)
            }
        }
    }

    private func append(_ bytes: [UInt8], to journal: any Journal) async throws -> LogIndex {
        let index = try journal.propose(bytes, at: Timestamp(milliseconds: Int64(bytes.count)), in: 1)
        try await journal.commitment(of: index)
        return index
    }

    /// Hands `changes` over and waits until they can be read back.
    private func save(_ changes: StateChanges, through checkpoint: LogIndex = .zero, to journal: any Journal)
        async throws
    {
        let generation = journal.checkpoint(changes, through: checkpoint)
        while journal.flushedGeneration < generation { _ = try await append([0], to: journal) }
    }

    @Test(arguments: Implementation.allCases)
    func recordsAreNumberedFromOneAndReadBackInOrder(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            for number in 1...20 {
                let index = try journal.propose(
                    [UInt8](repeating: UInt8(number), count: number), at: Timestamp(milliseconds: Int64(number)), in: 1)
                #expect(index == LogIndex(base + UInt64(number)))
            }
            try await journal.commitment(of: LogIndex(base + 20))
            #expect(journal.committed == LogIndex(base + 20))
            let records = try journal.records(from: LogIndex(1), countMax: .max, bytesMax: .max)
            #expect(records.map(\.index.rawValue) == Array(base + 1...base + 20))
            #expect(records.map(\.bytes.count) == Array(1...20))
            #expect(records.map(\.time.milliseconds) == Array(1...20))
            #expect(records.allSatisfy { record in record.bytes.allSatisfy { Int($0) == record.bytes.count } })
        }
    }

    @Test(arguments: Implementation.allCases)
    func readingStopsAtTheCountTheBytesAndTheEnd(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            for _ in 1...10 { _ = try await append([UInt8](repeating: 7, count: 100), to: journal) }
            func indices(_ first: UInt64, count: Int, bytes: Int) throws -> [UInt64] {
                try journal.records(from: LogIndex(base + first), countMax: count, bytesMax: bytes)
                    .map { $0.index.rawValue - base }
            }
            #expect(try indices(3, count: 4, bytes: .max) == [3, 4, 5, 6])
            #expect(try indices(3, count: .max, bytes: 101) == [3, 4])
            #expect(try indices(3, count: .max, bytes: 1) == [3])
            #expect(try indices(0, count: 2, bytes: .max) == [1, 2])
            #expect(try indices(10, count: 5, bytes: .max) == [10])
            #expect(try indices(11, count: 5, bytes: .max) == [])
            #expect(try indices(99, count: 5, bytes: .max) == [])
            #expect(try indices(1, count: 0, bytes: .max) == [])
        }
    }

    @Test(arguments: Implementation.allCases)
    func anEmptyRecordIsARecord(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            #expect(try await append([], to: journal) == LogIndex(base + 1))
            #expect(try journal.records(from: LogIndex(1), countMax: 9, bytesMax: 9).map(\.bytes) == [[]])
        }
    }

    @Test(arguments: Implementation.allCases)
    func aRecordTooLargeIsRefusedAndTakesNoIndex(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            let limit = 4 << 20
            #expect(throws: JournalRefusal.recordTooLarge(bytesMax: limit)) {
                try journal.propose([UInt8](repeating: 0, count: limit + 1), at: .zero, in: 1)
            }
            #expect(try await append([UInt8](repeating: 1, count: limit), to: journal) == LogIndex(base + 1))
        }
    }

    @Test(arguments: Implementation.allCases)
    func whatWasDecidedInAnotherTermIsRefusedAndTakesNoIndex(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            let term = try #require(journal.standing.leadership).term
            for other in [term - 1, term + 1] {
                #expect(throws: JournalRefusal.closed) { try journal.propose([1], at: .zero, in: other) }
            }
            #expect(try journal.propose([1], at: .zero, in: term) == LogIndex(base + 1))
        }
    }

    @Test(arguments: Implementation.allCases)
    func subscribersSeeTheCommittedIndexMoveAndTheEnd(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, end async throws in
            let last = LogIndex(journal.committed.rawValue + 5)
            let commits = journal.commits()
            for _ in 1...5 { _ = try await append([1], to: journal) }
            var seen: [LogIndex] = []
            for await index in commits {
                seen.append(index)
                if index == last { end() }
            }
            #expect(seen.last == last)
            #expect(seen == seen.sorted())
            var late = journal.commits().makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func anEndedJournalRefusesAndSaysThatItCannotTell(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, end async throws in
            let index = try await append([1], to: journal)
            end()
            #expect(throws: JournalRefusal.closed) { try journal.propose([2], at: .zero, in: 1) }
            try await journal.commitment(of: index)
            await #expect(throws: CommitmentUnknown.self) { try await journal.commitment(of: index.next) }
        }
    }

    @Test(arguments: Implementation.allCases)
    func statesAreReadBackByKeyAndByRange(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, states, _ async throws in
            let keys: [[UInt8]] = [[], [0], [0, 0], [1], [1, 255], [2], [254, 255], [255], [255, 255]]
            try await save(StateChanges(keys.reversed().map { StateChange(key: $0, value: $0 + [9]) }), to: journal)
            for key in keys { #expect(try states.value(forKey: key) == key + [9]) }
            #expect(try states.value(forKey: [1, 0]) == nil)
            let end = [UInt8](repeating: 255, count: 9)
            for lower in keys + [[1, 1]] {
                for upper in keys + [end] {
                    let expected = keys.filter {
                        !$0.lexicographicallyPrecedes(lower) && $0.lexicographicallyPrecedes(upper)
                    }
                    for limit in [0, 1, 3, 99] {
                        let ascending = try states.rows(from: lower, upTo: upper, reversed: false, limit: limit)
                        #expect(ascending.map(\.key) == Array(expected.prefix(limit)))
                        let descending = try states.rows(from: lower, upTo: upper, reversed: true, limit: limit)
                        #expect(descending.map(\.key) == Array(expected.reversed().prefix(limit)))
                        #expect(ascending.allSatisfy { $0.value == $0.key + [9] })
                    }
                }
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func laterChangesOfAStateReplaceEarlierOnes(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, states, _ async throws in
            try await save([StateChange(key: [1], value: [1]), StateChange(key: [1], value: [2])], to: journal)
            #expect(try states.value(forKey: [1]) == [2])
            _ = journal.checkpoint([StateChange(key: [1], value: [])], through: .zero)
            try await save([StateChange(key: [2], value: [3])], to: journal)
            #expect(try states.value(forKey: [1]) == [])
            try await save([StateChange(key: [1], value: nil), StateChange(key: [7], value: nil)], to: journal)
            #expect(try states.value(forKey: [1]) == nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func theCheckpointNeverGoesBack(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            for _ in 1...4 { _ = try await append([1], to: journal) }
            try await save([], through: LogIndex(base + 3), to: journal)
            #expect(journal.checkpoint == LogIndex(base + 3))
            try await save([], through: LogIndex(base + 2), to: journal)
            #expect(journal.checkpoint == LogIndex(base + 3))
        }
    }

    @Test(arguments: Implementation.allCases)
    func whatIsCheckpointedAndReleasedMayGoButForTheLastRecord(_ implementation: Implementation) async throws {
        try await with(implementation) { journal, _, _ async throws in
            let base = journal.committed.rawValue
            for _ in 1...5 { _ = try await append([1], to: journal) }
            try await save([], through: LogIndex(base + 3), to: journal)
            _ = try await append([1], to: journal)
            #expect(try journal.records(from: LogIndex(1), countMax: 1, bytesMax: 1).count == 1)
            journal.release(through: LogIndex(99))
            _ = try await append([1], to: journal)
            #expect(throws: LogTruncated(first: LogIndex(base + 4))) {
                try journal.records(from: LogIndex(1), countMax: 1, bytesMax: 1)
            }
            let last = journal.committed
            try await save([], through: last, to: journal)
            let rest = try journal.records(from: journal.committed, countMax: 9, bytesMax: 9)
            #expect(rest.map(\.index) == [journal.committed])
        }
    }
}
