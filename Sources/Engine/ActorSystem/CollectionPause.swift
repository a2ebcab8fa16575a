import EventSourcing

/// The pause between two effects of a follower that collects for each what it has read of a log.
///
/// The first effect comes at once. During a pause the follower reads on, a little at a time: a pause's worth of a busy
/// log in one go would keep a thread, and what it asks of a shard everyone else, for many milliseconds.
public struct CollectionPause<Timer: Clock<Duration>> {
    /// Between two looks at the log during a pause.
    private static var look: Duration { .milliseconds(50) }

    private let length: Duration
    private let timer: Timer
    private var end: Timer.Instant

    public init(_ length: Duration, on timer: Timer) {
        self.length = length
        self.timer = timer
        end = timer.now
    }

    /// Returns true once the pause is over, and false when there is more to read before that.
    ///
    /// - Parameters:
    ///   - last: everything up to here has been read.
    ///   - stretchMax: records that are read in one go. Where as many wait, they are read without delay.
    public func isOver(behind last: LogIndex, reading stretchMax: Int, of shard: Shard) async throws -> Bool {
        while timer.now < end {
            if shard.journal.committed.rawValue >= last.rawValue + UInt64(stretchMax) {
                await Task.yield()
                return false
            }
            try await timer.sleep(until: min(end, timer.now.advanced(by: Self.look)), tolerance: nil)
            if timer.now < end, shard.journal.committed > last { return false }
        }
        return true
    }

    /// An effect has come about.
    public mutating func begin() { end = timer.now.advanced(by: length) }
}
