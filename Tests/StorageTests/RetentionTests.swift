import Cluster
import EventSourcing
import Testing

@testable import Storage

@Suite struct RetentionTests {
    /// The first record that is there, as `fill` numbers them: the log's first entry begins the leader's term.
    private func first(_ journal: ReplicatedJournal) throws -> UInt64 {
        do {
            let record = try journal.records(from: LogIndex(1), countMax: 1, bytesMax: 1).first
            return record.map { $0.index.rawValue - 1 } ?? 0
        } catch let truncated as LogTruncated {
            return truncated.first.rawValue - 1
        }
    }

    /// Writes 100 records of 1,000 bytes a second apart, all of them checkpointed and released, then one more.
    private func fill(_ journal: ReplicatedJournal, checkpoint: UInt64 = 100, released: UInt64 = 100) async throws {
        for number in 1...100 {
            try await journal.append([UInt8](repeating: 1, count: 1_000), at: Int64(number) * 1_000)
        }
        journal.release(through: LogIndex(released + 1))
        _ = journal.checkpoint([], through: LogIndex(checkpoint + 1))
        try await journal.append([2], at: 101_000)
    }

    @Test func everythingStaysByDefault() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            try await fill(data.journals[0])
            #expect(try data.journals[0].all().count == 101)
        }
    }

    @Test func recordsOlderThanTheAgeGo() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(options: .init(retention: .age(.seconds(40)))) { data async throws in
            try await fill(data.journals[0])
            #expect(try first(data.journals[0]) == 61)
        }
    }

    @Test func theOldestRecordsPastTheSizeGo() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(options: .init(retention: .bytes(10_500))) { data async throws in
            try await fill(data.journals[0])
            #expect(try first(data.journals[0]) == 91)
        }
    }

    @Test func nothingBehindTheCheckpointGoesBeforeItIsSavedAndReleased() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(options: .init(retention: .bytes(0))) { data async throws in
            try await fill(data.journals[0], checkpoint: 30, released: 50)
            #expect(try first(data.journals[0]) == 31)
            data.journals[0].release(through: LogIndex(61))
            _ = data.journals[0].checkpoint([], through: LogIndex(81))
            try await data.journals[0].append([3])
            #expect(try first(data.journals[0]) == 61)
        }
    }

    @Test func whatAReaderOutsideHoldsStaysUntilTheLogIsTooLong() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(options: .init(retention: .bytes(0))) { data async throws in
            let journal = data.journals[0]
            data.hold(journal.shard, LogHold(behind: LogIndex(41), bytesMax: 1 << 20))
            try await fill(journal)
            #expect(try first(journal) == 41)
            data.hold(journal.shard, LogHold(behind: LogIndex(41), bytesMax: 10_500))
            try await journal.append([3])
            #expect(try first(journal) == 91)
            data.hold(journal.shard, nil)
            try await journal.append([4])
            #expect(try first(journal) == 101)
        }
    }

    @Test func aTruncatedLogReopensWhereItBegan() async throws {
        let directory = TemporaryDirectory()
        let options = DataDirectory.Options(retention: .bytes(0))
        try await directory.withData(shards: 2, options: options) { data async throws in
            try await fill(data.journals[1])
            try await data.journals[0].append([1])
        }
        try await directory.withData(options: options) { data async throws in
            #expect(data.journals.map(\.first) == [LogIndex(1), LogIndex(102)])
            #expect(throws: LogTruncated(first: LogIndex(102))) {
                try data.journals[1].records(from: LogIndex(101), countMax: 1, bytesMax: 1)
            }
            #expect(try data.journals[1].records(from: LogIndex(102), countMax: 9, bytesMax: 9).count == 1)
            #expect(try await data.journals[1].append([9]) == LogIndex(104))
            #expect(try data.journals[0].all().count == 1)
        }
    }

    @Test func aLongLogIsTruncatedInSlicesThatRideOnCommits() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData(options: .init(retention: .bytes(0))) { data async throws in
            let journal = data.journals[0]
            for _ in 0..<2_500 { _ = try journal.propose([1], at: .zero, in: 1) }
            try await journal.commitment(of: LogIndex(2_501))
            journal.release(through: LogIndex(2_501))
            _ = journal.checkpoint([], through: LogIndex(2_501))
            var firsts: [UInt64] = []
            for _ in 0..<4 {
                try await journal.append([1])
                firsts.append(try first(journal))
            }
            // A tick may have had something written between two of them.
            #expect(zip(firsts, firsts.dropFirst()).allSatisfy { $1 - $0 <= UInt64(2 * Retention.recordsPerCommitMax) })
            #expect(firsts.last == 2_501)
        }
    }
}
