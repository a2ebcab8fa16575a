import EventSourcing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the gateway gets its time from: the system, or a test.
public struct GatewayClock: Sendable {
    /// The time of day, for records and tokens.
    public let wall: @Sendable () -> Timestamp
    /// Nanoseconds since some moment, never going back: for rates and durations.
    public let monotonic: @Sendable () -> Int64

    public init(wall: @escaping @Sendable () -> Timestamp, monotonic: @escaping @Sendable () -> Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    public static let system = GatewayClock(
        wall: { Timestamp(microseconds: read(CLOCK_REALTIME) / 1_000) }, monotonic: { read(CLOCK_MONOTONIC) })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
