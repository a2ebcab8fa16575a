/// What a cluster may write: the forms of events that every one of its members reads.
///
/// A program reads all versions up to its newest. What came with a later version than the cluster's stays unwritten
/// until an older program runs nowhere in it. Which version an event came with stands beside its form
/// (`Recorded.versionNeeded`); what the numbers stand for, in `Schema`.
public struct ClusterVersion: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Of a cluster whose log says nothing of its version.
    public static let first = ClusterVersion(rawValue: 1)

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}
