/// How long a write that is due is held back for the records that are about to come.
///
/// A caller whose record has become durable comes back within moments with the next: an order with its payment, a
/// client with its next order. A write that leaves before that takes along what others had queued meanwhile, so that
/// the callers fall into two halves, each of which waits for the flush of the other. Held back until nearly all are
/// there, one flush serves all of them.
///
/// That pays only where they do come back within the time that a write is held back: not where the processor takes
/// longer for them than the disk for a flush, and not where clients come and go. So it is watched how many do.
///
/// The pace knows no clock: times are those of the node's shell, which never go back.
struct WritePace {
    /// Of the records that are expected: the last few may be those of clients that do not come back.
    private static let expectedPercent = 95
    /// Of the callers who are answered: if fewer come back in time, no write is held back.
    private static let returningMin = 0.8
    /// A disk that takes longer to flush gains little by it, and a caller waits long enough as it is.
    private static let holdMax = Duration.milliseconds(10)
    /// A new measurement counts for one part in so many.
    private static let smoothing = 8

    /// How long a write takes, from order to report; zero before the first.
    private var usual = Duration.zero
    private var begun = Duration.zero
    /// Records that the next write may have: those that were queued when callers were last answered, and one of each
    /// of these callers.
    private var expected = 0
    /// When callers were last answered.
    private var answered = Duration.zero
    /// Callers who were answered, and records that came within the time for which a write would be held back.
    private var watched: (since: Duration, callers: Int, records: Int)?
    /// The share of callers who come back within that time.
    private var returning = 1.0
    /// When the write that is held back leaves, whatever has come by then; nil when none is held back.
    private(set) var heldUntil: Duration?
    /// So many records more let it leave before.
    private(set) var missing = 0

    private var holdLimit: Duration { min(usual / 2, Self.holdMax) }

    /// `callers` have been told that their records are durable, while `queued` records wait for the next write.
    mutating func didAnswer(_ callers: Int, queued: Int, at now: Duration) {
        guard callers > 0 else { return }
        expected = max(expected, queued) + callers
        answered = now
        watch(callers, at: now)
    }

    private mutating func watch(_ callers: Int, at now: Duration) {
        guard let last = watched, now > last.since + holdLimit else {
            return watched = (watched?.since ?? now, (watched?.callers ?? 0) + callers, watched?.records ?? 0)
        }
        let share = min(1, Double(last.records) / Double(last.callers))
        returning += (share - returning) / Double(Self.smoothing)
        watched = (now, callers, 0)
    }

    /// So many records have come.
    mutating func didCollect(_ records: Int, at now: Duration) {
        guard let last = watched, now <= last.since + holdLimit else { return }
        watched?.records += records
    }

    /// Whether the write that is due, with so many records, is held back for more of them.
    mutating func holds(_ records: Int, at now: Duration) -> Bool {
        let end = heldUntil ?? answered + holdLimit
        missing = (expected * Self.expectedPercent + 99) / 100 - records
        guard missing > 0, now < end, returning >= Self.returningMin else { return false }
        heldUntil = end
        return true
    }

    /// What is held back leaves.
    mutating func release() { (expected, missing, heldUntil) = (0, 0, nil) }

    /// A write has been ordered.
    mutating func didBegin(at now: Duration) {
        begun = now
        release()
    }

    /// It is durable.
    mutating func didEnd(at now: Duration) {
        let last = now - begun
        usual = usual == .zero ? last : usual + (last - usual) / Self.smoothing
    }
}
