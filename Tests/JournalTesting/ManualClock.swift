import Synchronization

/// A clock that stands still until a task sleeps, and then is at the end of the sleep.
public final class ManualClock: Clock {
    public struct Instant: InstantProtocol {
        var sinceOrigin: Duration
        public func advanced(by duration: Duration) -> Self { Self(sinceOrigin: sinceOrigin + duration) }
        public func duration(to other: Self) -> Duration { other.sinceOrigin - sinceOrigin }
        public static func < (left: Self, right: Self) -> Bool { left.sinceOrigin < right.sinceOrigin }
    }

    private let state = Mutex((elapsed: Duration.zero, pauses: [Duration]()))

    public init() {}

    public var now: Instant { Instant(sinceOrigin: elapsed) }
    public var minimumResolution: Duration { .nanoseconds(1) }
    public var elapsed: Duration { state.withLock(\.elapsed) }
    /// How long each sleep was.
    public var pauses: [Duration] { state.withLock(\.pauses) }

    public func advance(by duration: Duration) { state.withLock { $0.elapsed += duration } }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        state.withLock { state in
            state.pauses.append(deadline.sinceOrigin - state.elapsed)
            state.elapsed = max(state.elapsed, deadline.sinceOrigin)
        }
    }
}
