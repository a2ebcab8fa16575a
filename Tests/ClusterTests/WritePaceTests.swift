import Testing

@testable import Cluster

@Suite("The pace of writes")
struct WritePaceTests {
    /// On a disk that took 4 ms for the last write, which ended at `ended`.
    private static func pace() -> Pace {
        let pace = Pace()
        pace.didBegin(at: .zero)
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
        pace.didAnswer(60, queued: 40, at: Self.ended)
        #expect(pace.holds(40, at: Self.ended + .microseconds(1_999)))
        #expect(pace.heldUntil == Self.ended + .milliseconds(2))
        // More answers meanwhile do not put it off.
        pace.didAnswer(10, queued: 41, at: Self.ended + .milliseconds(1))
        #expect(!pace.holds(41, at: Self.ended + .milliseconds(2)))
    }

    @Test("holds none for longer than 10 ms, however slow the disk is")
    func slowDisk() {
        let pace = Pace()
        pace.didBegin(at: .zero)
        pace.didEnd(at: .seconds(3))
        pace.didAnswer(60, queued: 40, at: .seconds(3))
        #expect(pace.holds(40, at: .seconds(3) + .microseconds(9_999)))
        #expect(!pace.holds(40, at: .seconds(3) + .milliseconds(10)))
    }

    @Test("holds no write where callers are seen not to come back in time, and does again once they do")
    func notComingBack() {
        let pace = Self.pace()
        func round(_ number: Int, back: Int, after delay: Duration) -> Bool {
            let now = Duration.milliseconds(number * 20)
            pace.didAnswer(60, queued: 0, at: now)
            pace.didCollect(back, at: now + delay)
            let isHeld = pace.holds(back, at: now + .milliseconds(1))
            pace.didBegin(at: now + .milliseconds(2))
            pace.didEnd(at: now + .milliseconds(6))
            return isHeld
        }
        #expect(round(1, back: 20, after: .milliseconds(1)))
        #expect((2...20).map { round($0, back: 20, after: .milliseconds(1)) }.last == false)
        // Late ones count for nothing.
        #expect((21...40).map { round($0, back: 56, after: .milliseconds(3)) }.last == false)
        #expect((41...60).map { round($0, back: 56, after: .milliseconds(1)) }.last == true)
    }

    @Test("forgets whom it has answered when a write leaves, and at a tick")
    func forgotten() {
        let pace = Self.pace()
        pace.didAnswer(60, queued: 40, at: Self.ended)
        pace.didBegin(at: Self.ended)
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
    func didCollect(_ records: Int, at now: Duration) { pace.didCollect(records, at: now) }
    func holds(_ records: Int, at now: Duration) -> Bool { pace.holds(records, at: now) }
    func didBegin(at now: Duration) { pace.didBegin(at: now) }
    func didEnd(at now: Duration) { pace.didEnd(at: now) }
    func release() { pace.release() }
}
