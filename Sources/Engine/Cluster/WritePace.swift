/// How long a write that is due is held back for the records that are about to come.
///
/// A caller whose record has become durable comes back within moments with the next: an order with its payment, a
/// client with its next order. A write that leaves before that takes along what others had queued meanwhile, so that
/// the callers fall into two halves, each of which waits for the flush of the other. Held back until nearly all are
/// there, one flush serves all of them.
///
/// On a slow disk that pays where they do come back within the time that a flush takes, and not where clients come and
/// go. So writes are held back for part of a flush as long as that is seen to gather callers, and now and then it is
/// tried again.
///
/// On a quick disk the processor is what many callers wait for, and each write takes some of it away from them. So a
/// write is held back, too, for as long as the processor takes at least to serve those who are expected.
///
/// The pace knows no clock: times are those of the node's shell, which never go back.
struct WritePace {
    /// Of the records that are expected: the last few may be those of clients that do not come back.
    private static let expectedPercent = 95
    /// So many of them make it worth while to have waited.
    private static let gatheredPercent = 80
    /// A disk that takes longer to flush gains little by it, and a caller waits long enough as it is.
    private static let holdMax = Duration.milliseconds(10)
    /// What the processor takes at least, to bring a caller back.
    private static let serving = Duration.microseconds(40)
    /// So few callers leave the processor idle while they wait: to hold a write back for them gives it nothing to do.
    private static let callersFew = 24
    /// However many callers there are, a write is held back no longer for the processor.
    private static let servingMax = Duration.milliseconds(4)
    /// Writes between two tries while it is not worth while: half of a write in sixteen, three parts in a hundred.
    private static let writesBetweenTries = 16
    /// A new measurement of a write counts for one part in so many.
    private static let smoothing = 8
    /// A new judgement of a hold counts for one part in so many: three in a row that gathered too few end it.
    private static let memory = 4.0

    /// How long a write takes, from order to report; zero before the first.
    private var usual = Duration.zero
    private var begun = Duration.zero
    /// Records that the next write may have: those that were queued when callers were last answered, and one of each
    /// of these callers.
    private var expected = 0
    /// When callers were last answered.
    private var answered = Duration.zero
    /// From 0, when no hold was worth while, to 1.
    private var worth = 1.0
    private var writesSinceTry = 0
    /// Whether what is held back waits for part of a flush.
    private var isTry = false
    /// When the write that is held back leaves, whatever has come by then; nil when none is held back.
    private(set) var heldUntil: Duration?
    /// So many records more let it leave before.
    private(set) var missing = 0

    /// `callers` have been told that their records are durable, while `queued` records wait for the next write.
    mutating func didAnswer(_ callers: Int, queued: Int, at now: Duration) {
        guard callers > 0 else { return }
        expected = max(expected, queued) + callers
        answered = now
    }

    /// Whether the write that is due, with so many records, is held back for more of them.
    mutating func holds(_ records: Int, at now: Duration) -> Bool {
        if heldUntil == nil { isTry = worth >= 0.5 || writesSinceTry >= Self.writesBetweenTries }
        let end = heldUntil ?? answered + max(servingTime, isTry ? min(usual / 2, Self.holdMax) : .zero)
        missing = (expected * Self.expectedPercent + 99) / 100 - records
        guard missing > 0, now < end else { return false }
        heldUntil = end
        return true
    }

    /// How long the processor takes at least to serve all who are expected, where they keep it busy.
    private var servingTime: Duration {
        min(Self.serving * max(0, expected - Self.callersFew), Self.servingMax)
    }

    /// What is held back leaves.
    mutating func release() { (expected, missing, heldUntil) = (0, 0, nil) }

    /// A write with so many records has been ordered.
    mutating func didBegin(with records: Int, at now: Duration) {
        writesSinceTry += 1
        if heldUntil != nil {
            if isTry { writesSinceTry = 0 }
            let hasGathered = records * 100 >= expected * Self.gatheredPercent
            worth += ((hasGathered ? 1 : 0) - worth) / Self.memory
        }
        begun = now
        release()
    }

    /// It is durable.
    mutating func didEnd(at now: Duration) {
        let last = now - begun
        usual = usual == .zero ? last : usual + (last - usual) / Self.smoothing
    }
}
