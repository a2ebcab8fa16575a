import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

@Suite("The pause between two effects of a follower that collects", .timeLimit(.minutes(10)))
struct CollectionPauseTests {
    private let shard = Shard.ofShelves(MemoryJournal())
    private let clock = ManualClock()

    /// Commits records to the shard's log.
    private func commit(_ count: Int) async throws {
        for _ in 0..<count { try await shard.command(0, .add(1)) }
    }

    /// Whether the pause is over for a follower that has read the log up to `last`, five records at a time at most.
    private func isOver(_ pause: CollectionPause<ManualClock>, behind last: UInt64) async throws -> Bool {
        try await pause.isOver(behind: LogIndex(last), reading: 5, of: shard)
    }

    @Test("the first effect comes at once")
    func first() async throws {
        try await commit(1)
        #expect(try await isOver(CollectionPause(.seconds(60), on: clock), behind: 1))
        #expect(clock.pauses.isEmpty)
    }

    @Test("the next comes at the end of the pause; where all is read, the log is looked at until then")
    func length() async throws {
        var pause = CollectionPause(.milliseconds(120), on: clock)
        clock.advance(by: .seconds(1))
        pause.begin()
        #expect(try await isOver(pause, behind: 0))
        #expect(clock.pauses == [.milliseconds(50), .milliseconds(50), .milliseconds(20)])
        #expect(try await isOver(pause, behind: 0))
        #expect(clock.pauses.count == 3)
    }

    @Test("what little comes during the pause is read with the next look, and with the effect at its end")
    func few() async throws {
        try await commit(4)
        var pause = CollectionPause(.milliseconds(80), on: clock)
        pause.begin()
        #expect(try await isOver(pause, behind: 0) == false)
        #expect(clock.pauses == [.milliseconds(50)])
        #expect(try await isOver(pause, behind: 3))
        #expect(clock.pauses == [.milliseconds(50), .milliseconds(30)])
    }

    @Test("a whole stretch that waits is read without delay, during the pause")
    func stretch() async throws {
        try await commit(6)
        var pause = CollectionPause(.milliseconds(80), on: clock)
        pause.begin()
        #expect(try await isOver(pause, behind: 1) == false)
        #expect(clock.pauses.isEmpty)
        clock.advance(by: .milliseconds(80))
        #expect(try await isOver(pause, behind: 1))
    }
}
