import Cluster
import Consensus
import EventSourcing
import Foundation
import Testing

@testable import Storage

@Suite struct GroupCommitTests {
    @Test func everythingAcknowledgedIsThereAfterReopeningInTheOrderProposed() async throws {
        let directory = TemporaryDirectory()
        let count = 2_000
        try await directory.withData(shards: 3) { data async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for journal in data.journals {
                    for number in 1...count {
                        let index = try journal.propose(Array("\(journal.shard)/\(number)".utf8), at: .zero, in: 1)
                        // The first entry begins the leader's term.
                        #expect(index == LogIndex(UInt64(number) + 1))
                        if number % 100 == 0 { group.addTask { try await journal.commitment(of: index) } }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await directory.withData { data async throws in
            #expect(data.identity.shards == 3)
            for journal in data.journals {
                let texts = try journal.all().map { String(decoding: $0.bytes, as: UTF8.self) }
                #expect(texts == (1...count).map { "\(journal.shard)/\($0)" })
            }
        }
    }

    @Test func closingFlushesWhatIsQueued() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            for _ in 0..<10 { try await data.journals[0].append([7]) }
            for number in 0..<490 { _ = try data.journals[0].propose([UInt8(number & 255)], at: .zero, in: 1) }
            _ = data.journals[0].checkpoint([StateChange(key: [1], value: [2])], through: LogIndex(9))
        }
        try await directory.withData { data async throws in
            #expect(try data.journals[0].all().count == 500)
            #expect(data.journals[0].checkpoint == LogIndex(9))
            #expect(try data.states[0].value(forKey: [1]) == [2])
        }
    }

    @Test func reopeningContinuesBehindTheLastIndexWithTheSameTimesAndCheckpoint() async throws {
        let directory = TemporaryDirectory()
        for round in 1...5 {
            try await directory.withData { data async throws in
                let index = try await data.journals[0].append([UInt8(round)], at: Int64(round))
                #expect(index == LogIndex(UInt64(2 * round)))
            }
        }
        try await directory.withData { data async throws in
            #expect(try data.journals[0].all().map(\.time.milliseconds) == [1, 2, 3, 4, 5])
        }
    }

    @Test func aFullQueueRefusesAndRecovers() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            let journal = data.journals[0]
            let megabyte = [UInt8](repeating: 3, count: 1 << 20)
            var accepted = 0
            var refusal: JournalRefusal?
            // The writer takes what is queued now and then, so it may take more than one queue's worth to fill it.
            while refusal == nil, accepted < 2_000 {
                do throws(JournalRefusal) {
                    _ = try journal.propose(megabyte, at: .zero, in: 1)
                    accepted += 1
                } catch { refusal = error }
            }
            #expect(refusal == .full)
            #expect(accepted >= (ReplicaConfiguration().uncommittedBytesMax >> 20) - 1)
            try await journal.commitment(of: LogIndex(UInt64(accepted) + 1))
            #expect(try await journal.append([1]) == LogIndex(UInt64(accepted) + 2))
        }
    }

    @Test func manyStatesAreSpreadOverSeveralCommitsInOrder() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data async throws in
            let journal = data.journals[0]
            try await journal.append([1])
            var generations: [UInt64] = []
            for group in 0..<30 {
                let changes = (0..<1_000).map { number in
                    StateChange(key: [UInt8(group), UInt8(number >> 8), UInt8(number & 255)], value: [UInt8(group)])
                }
                generations.append(journal.checkpoint(StateChanges(changes), through: .zero))
            }
            #expect(generations == generations.sorted())
            try await journal.save([StateChange(key: [0, 0, 0], value: [99])], through: LogIndex(1))
            #expect(try data.states[0].rows(from: [], upTo: [200], reversed: false, limit: .max).count == 30_000)
            #expect(try data.states[0].value(forKey: [0, 0, 0]) == [99])
        }
    }

    @Test func aDiskBelowTheWatermarkRefusesFromTheStartAndStillReads() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { try await $0.journals[0].append([1]) }
        let volume = TestVolume(freeBytes: 99)
        var options = DataDirectory.Options()
        options.room = { volume.room }
        try await directory.withData(options: options) { data async throws in
            let journal = data.journals[0]
            #expect(throws: JournalRefusal.storageFull) { try journal.propose([1], at: .zero, in: journal.term) }
            #expect(try data.journals[0].all().count == 1)
            // States are in the log; they wait for room instead of taking the last of it.
            _ = data.journals[0].checkpoint([StateChange(key: [1], value: [1])], through: LogIndex(1))
            #expect(throws: JournalRefusal.storageFull) { try journal.propose([1], at: .zero, in: journal.term) }
        }
        try await directory.withData { data async throws in
            #expect(data.journals[0].checkpoint == .zero)
            #expect(try await data.journals[0].append([1]) == LogIndex(5))
        }
    }

    @Test func theWriterEndsWithoutErrorWhenClosed() async throws {
        let directory = TemporaryDirectory()
        let data = try DataDirectory(path: directory.path, creating: true)
        async let ended: Void = data.writerEnded()
        data.finishWriting()
        data.finishWriting()
        try await ended
        data.close()
    }

    @Test func readersOverlapTheCloseWithoutHarm() async throws {
        for _ in 0..<20 {
            let directory = TemporaryDirectory()
            let data = try DataDirectory(path: directory.path, creating: true)
            for number in 0..<50 { try await data.journals[0].append([UInt8(number)]) }
            Thread.detachNewThread { data.close() }
            // Reads until it is told that the directory is closed.
            while let records = try? data.journals[0].all() { #expect(records.count == 50) }
            #expect(throws: LogUnreadable.self) { try data.journals[0].all() }
            #expect(throws: StorageError.closed(path: directory.path)) { try data.states[0].value(forKey: [1]) }
        }
    }
}
