import EventSourcing
import JournalTesting
import Synchronization
import Testing

@testable import ActorSystem

@Suite(.timeLimit(.minutes(10))) struct LogFollowerTests {
    private static let limits = LogFollower.Limits(recordsMax: 3, bytesMax: 1 << 20)

    /// A consumer that begins at `start` and notes what it is asked and handed.
    private struct Consumer {
        var follower: LogFollower
        var start = LogIndex.zero
        var asked: [LogFollower.Beginning] = []
        var seen: [UInt64] = []

        init(_ shard: Shard, _ limits: LogFollower.Limits = LogFollowerTests.limits) {
            follower = LogFollower(of: shard, limits: limits)
        }

        /// Takes one stretch.
        ///
        /// - Returns: how many records it has; nil when there is none.
        mutating func take() async throws -> Int? {
            let start = start
            var asked: [LogFollower.Beginning] = []
            let stretch = try await follower.next { beginning in
                asked.append(beginning)
                return start
            }
            self.asked += asked
            guard let stretch else { return nil }
            seen += stretch.records.map(\.index.rawValue)
            if let last = stretch.records.last { #expect(stretch.last == last.index) }
            return stretch.records.count
        }

        mutating func takeAll() async throws {
            while try await take() != nil {}
        }
    }

    private final class Tally: Sendable {
        let seen = Mutex<[UInt64]>([])
        /// Stretches under way.
        let busy = Atomic<Int>(0)
    }

    private func fill(_ shard: Shard, _ count: Int) async throws {
        for number in 0..<count { try await shard.command(UInt32(number % 3), .add(1)) }
    }

    @Test("Everything is handed over once, in order, a few records at a time")
    func order() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        try await fill(shard, 7)
        var consumer = Consumer(shard)
        #expect(try await consumer.take() == 3)
        #expect(try await consumer.take() == 3)
        #expect(try await consumer.take() == 1)
        #expect(try await consumer.take() == nil)
        try await fill(shard, 2)
        try await consumer.takeAll()
        #expect(consumer.seen == Array(1...9))
        #expect(consumer.asked == [.first])
    }

    @Test("Bytes limit a stretch too, to one record at least")
    func bytes() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        try await fill(shard, 4)
        var consumer = Consumer(shard, LogFollower.Limits(recordsMax: 100, bytesMax: 1))
        for _ in 0..<4 { #expect(try await consumer.take() == 1) }
        #expect(consumer.seen == Array(1...4))
    }

    @Test("A log that is behind the place is waited for")
    func behind() async throws {
        let shard = Shard.ofShelves(MemoryJournal())
        try await fill(shard, 2)
        var consumer = Consumer(shard)
        consumer.start = LogIndex(4)
        #expect(try await consumer.take() == nil)
        try await fill(shard, 2)
        #expect(try await consumer.take() == nil)
        try await fill(shard, 1)
        try await consumer.takeAll()
        #expect(consumer.seen == [5])
        #expect(consumer.asked == [.first])
    }

    @Test("A consumer whose place the log no longer reaches is asked again, and begins at the first record there is")
    func truncated() async throws {
        let journal = MemoryJournal(keepsEverything: false)
        let shard = Shard.ofShelves(journal)
        try await fill(shard, 3)
        var consumer = Consumer(shard)
        try await consumer.takeAll()
        try await fill(shard, 5)
        journal.release(through: LogIndex(8))
        _ = journal.checkpoint([], through: LogIndex(6))
        #expect(journal.first == LogIndex(7))
        // It names a place that is gone: nothing is passed over, and it is asked again.
        consumer.start = LogIndex(5)
        #expect(try await consumer.take() == nil)
        #expect(consumer.asked == [.first, .truncated])
        consumer.start = LogIndex(journal.first.rawValue - 1)
        try await consumer.takeAll()
        #expect(consumer.seen == [1, 2, 3, 7, 8])
    }

    @Test("A snapshot that replaces the states has the consumer start over")
    func replaced() async throws {
        let (journal, other) = (MemoryJournal(), MemoryJournal())
        let (shard, source) = (Shard.ofShelves(journal), Shard.ofShelves(other))
        try await fill(shard, 4)
        var consumer = Consumer(shard)
        try await consumer.takeAll()
        try await fill(source, 9)
        await source.saveAll()
        journal.replace(with: other)
        consumer.start = journal.checkpoint
        #expect(try await consumer.take() == nil)
        #expect(consumer.asked == [.first, .replaced])
        let units = await shard.readCommitted { $0.look(at: Shelf.self, Shelf.ID(0)) { $0.state.units } }
        #expect(units == 3)
        try await fill(shard, 1)
        try await consumer.takeAll()
        #expect(consumer.seen == [1, 2, 3, 4, 10])
    }

    @Test("It follows as records are committed, one stretch after the other, until the journal ends")
    func follow() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await LogFollower(of: shard, limits: Self.limits).follow { _ in
                    .zero
                } _: { stretch in
                    #expect(tally.busy.add(1, ordering: .relaxed).newValue == 1)
                    await Task.yield()
                    tally.seen.withLock { $0 += stretch.records.map(\.index.rawValue) }
                    tally.busy.subtract(1, ordering: .relaxed)
                }
            }
            try await fill(shard, 20)
            while tally.seen.withLock({ $0.count }) < 20 { await Task.yield() }
            journal.fail()
            try await group.waitForAll()
        }
        #expect(tally.seen.withLock { $0 } == Array(1...20))
    }

    @Test("A local read sees all that is committed, and nothing that is in flight")
    func committed() async throws {
        let journal = MemoryJournal(commitsItself: false)
        let shard = Shard.ofShelves(journal)
        let read: @Sendable () async -> (units: Int, index: LogIndex) = {
            await shard.readCommitted { ($0.read(Shelf.self, Shelf.ID(1)).state.units, $0.index) }
        }
        #expect(await read() == (0, .zero))
        async let first = shard.command(1, .add(5))
        while journal.pendingCount < 1 { await Task.yield() }
        #expect(await read() == (0, .zero))
        journal.commitAll()
        #expect(await read() == (5, LogIndex(1)))
        _ = try await first
    }
}
