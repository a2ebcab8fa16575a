import EventSourcing

/// The log's time. It is the leader's clock as long as that does not run behind the log.
extension Shard {
    /// A clock that is not further behind than this is waited for.
    private static let lagMax = Duration.seconds(1)
    /// The log's time is brought back to the clock's by a share of the time that passes, so that it never stands still.
    private static let returnShare = 8

    /// What the log's time is when the leader's clock shows `now`.
    ///
    /// A clock that was wrong has left the log ahead of the time. The log then goes on from where it is, at the pace of
    /// the present clock: would it wait to be caught up with, deadlines would not pass meanwhile.
    ///
    /// Who only reads has no clock to show, and says zero: that is not a clock that is wrong.
    func logTime(_ now: Timestamp) -> Timestamp {
        // Neither does it go back behind what a caller was told before a clock was set right: alarms rest on that.
        let reached = max(lastTime, clockSeen)
        guard now > .zero else { return reached }
        let present = now + clockLag
        guard present > reached else {
            if reached.since(present) > Self.lagMax { clockLag = reached.since(now) }
            return reached
        }
        if clockLag > .zero { clockLag = max(.zero, clockLag - present.since(reached) / Self.returnShare) }
        clockSeen = present
        return present
    }
}
