/// The identity of one node of the cluster. Never reused: a node that lost its disk joins under a new one.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Names no node. A membership operation on it does nothing.
    public static let none = NodeID(0)
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// One Raft group: one ordered log that a set of nodes replicates.
public struct GroupID: Hashable, Sendable {
    public let rawValue: UInt16
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }
}
