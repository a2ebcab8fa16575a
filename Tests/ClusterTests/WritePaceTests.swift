import Testing

@testable import Cluster

@Suite("The pace of writes")
struct WritePaceTests {
    /// On a disk that took 4 ms for the last write, which ended at `ended`.
    private static func pace() -> Pace {
        let pace = Pace()
        pace.didBegin(with: 0, at: .zero)
        pace.didEnd(at: .milliseconds(4))
        return pace
    }
    private static let ended = Duration.milliseconds(4)

    @Test("lets a write leave at once when no caller has been answered")
    func unanswered() {
        let pace = Self.pace()
        #expect(!pace.holds(1, at: Self.ended))
        #expect(pace.heldUntil == nil)
    }

    @Test("never holds the records of a caller who is alone")
    func alone() {
        let pace = Self.pace()
        pace.didAnswer(1, queued: 0, at: Self.ended)
        #expect(!pace.holds(1, at: Self.ended))
    }

    @Test("holds a write until nearly all callers who were answered have come back")
    func comingBack() {
        let pace = Self.pace()
        pace.didAnswer(60, queued: 40, at: Self.ended)
        let now = Self.ended + .milliseconds(1)
        #expect(pace.holds(40, at: now))
        #expect(pace.missing == 55)
        #expect(pace.holds(94, at: now))
        #expect(!pace.holds(95, at: now))
    }

    @Test("counts callers who are answered bit by bit, and come back meanwhile")
    func bitByBit() {
        let pace = Self.pace()
        pace.didAnswer(10, queued: 0, at: Self.ended)
        pace.didAnswer(10, queued: 5, at: Self.ended)
        #expect(pace.holds(18, at: Self.ended))
        #expect(!pace.holds(19, at: Self.ended))
    }

    @Test("holds it for half of a usual write at most, whoever is missing")
    func limit() {
        let pace = Self.pace()
        pace.didAnswer(16, queued: 8, at: Self.ended)
        #expect(pace.holds(8, at: Self.ended + .microseconds(1_999)))
        #expect(pace.heldUntil == Self.ended + .milliseconds(2))
        // More answers meanwhile do not put it off.
        pace.didAnswer(10, queued: 9, at: Self.ended + .milliseconds(1))
        #expect(!pace.holds(9, at: Self.ended + .milliseconds(2)))
    }

    @Test("holds none for longer than 10 ms, however slow the disk is")
    func slowDisk() {
        let pace = Pace()
        pace.didBegin(with: 0, at: .zero)
        pace.didEnd(at: .seconds(3))
        pace.didAnswer(60, queued: 40, at: .seconds(3))
        #expect(pace.holds(40, at: .seconds(3) + .microseconds(9_999)))
        #expect(!pace.holds(40, at: .seconds(3) + .milliseconds(10)))
    }

    @Test("holds no write where callers do not come back in time, tries now and then, and goes on once they do")
    func notComingBack() {
        let pace = Self.pace()
        var rounds = 0
        /// A score are answered, and so many are back when the write leaves.
        func isHeld(back: Int) -> Bool {
            rounds += 1
            let now = Duration.milliseconds(rounds * 20)
            pace.didAnswer(20, queued: 0, at: now)
            defer {
                pace.didBegin(with: back, at: now + .milliseconds(2))
                pace.didEnd(at: now + .milliseconds(6))
            }
            return pace.holds(1, at: now)
        }
        #expect((1...3).allSatisfy { _ in isHeld(back: 6) })
        #expect((1...64).count { _ in isHeld(back: 6) } == 3)
        // Two tries, and then each.
        #expect((1...34).count { _ in isHeld(back: 19) } > 1)
        #expect((1...8).allSatisfy { _ in isHeld(back: 19) })
    }

    @Test("holds a write on a quick disk while the processor serves many callers, and for few none")
    func busyProcessor() {
        func held(_ callers: Int) -> Duration? {
            let pace = Pace()
            pace.didBegin(with: 0, at: .zero)
            pace.didEnd(at: .zero)
            pace.didAnswer(callers, queued: 0, at: .milliseconds(1))
            return pace.holds(1, at: .milliseconds(1)) ? pace.heldUntil.map { $0 - .milliseconds(1) } : nil
        }
        #expect(held(24) == nil)
        #expect(held(64) == .microseconds(1_600))
        #expect(held(124) == .milliseconds(4))
        #expect(held(5_000) == .milliseconds(4))
    }

    @Test("holds a write for the processor where callers do not come back in time, without calling that a try")
    func busyWhileNotWorthIt() {
        let pace = Self.pace()
        var rounds = 0
        /// A hundred are answered, and thirty are back when the write leaves.
        func heldFor() -> Duration? {
            rounds += 1
            let now = Duration.milliseconds(rounds * 40)
            pace.didAnswer(100, queued: 0, at: now)
            defer {
                pace.didBegin(with: 30, at: now + .milliseconds(8))
                pace.didEnd(at: now + .milliseconds(24))
            }
            return pace.holds(1, at: now) ? pace.heldUntil.map { $0 - now } : nil
        }
        for _ in 1...24 { _ = heldFor() }
        let holds = (1...32).map { _ in heldFor() }
        #expect(holds.count { $0 == .microseconds(3_040) } == 30)
        #expect(holds.count { $0.map { $0 > .milliseconds(7) } ?? false } == 2)
    }

    @Test("forgets whom it has answered when a write leaves, and at a tick")
    func forgotten() {
        let pace = Self.pace()
        pace.didAnswer(60, queued: 40, at: Self.ended)
        pace.didBegin(with: 0, at: Self.ended)
        #expect(!pace.holds(1, at: Self.ended))
        pace.didAnswer(60, queued: 40, at: Self.ended)
        #expect(pace.holds(40, at: Self.ended))
        pace.release()
        #expect(!pace.holds(40, at: Self.ended))
        #expect(pace.heldUntil == nil)
    }
}

/// A pace that an expectation can change.
private final class Pace {
    private var pace = WritePace()
    var heldUntil: Duration? { pace.heldUntil }
    var missing: Int { pace.missing }
    func didAnswer(_ callers: Int, queued: Int, at now: Duration) { pace.didAnswer(callers, queued: queued, at: now) }
    func holds(_ records: Int, at now: Duration) -> Bool { pace.holds(records, at: now) }
    func didBegin(with records: Int, at now: Duration) { pace.didBegin(with: records, at: now) }
    func didEnd(at now: Duration) { pace.didEnd(at: now) }
    func release() { pace.release() }
}
