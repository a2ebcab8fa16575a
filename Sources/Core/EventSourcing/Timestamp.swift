/// A moment, in microseconds since 1970-01-01T00:00:00Z.
///
/// Time enters as an argument and orders records for people; no safety property rests on it.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(milliseconds: Int64) { self.microseconds = milliseconds * 1_000 }

    public var milliseconds: Int64 { microseconds / 1_000 }

    public static let zero = Timestamp(microseconds: 0)

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    /// The moment `duration` later, to the microsecond. Saturates instead of overflowing.
    public static func + (moment: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let (whole, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowedAgain) = moment.microseconds.addingReportingOverflow(
            overflowed ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000_000)
        return Timestamp(microseconds: overflowedAgain ? (seconds < 0 ? .min : .max) : sum)
    }

    /// How much later this moment is than `earlier`; negative when it is before it.
    public func since(_ earlier: Self) -> Duration {
        .microseconds(microseconds - earlier.microseconds)
    }
}
