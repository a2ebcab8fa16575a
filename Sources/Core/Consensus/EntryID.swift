/// A period with at most one leader (Raft, section 5.1). Term 0 precedes every election.
public struct Term: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// Before the first election.
    public static let zero = Term(0)
    public var next: Term { Term(rawValue + 1) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// The place of an entry in its group's log. The first entry has index 1; 0 is the place before it.
public struct EntryIndex: Hashable, Strideable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// The place before the first entry.
    public static let zero = EntryIndex(0)
    /// No log grows past this, so that arithmetic on an index that a peer sent cannot overflow.
    public static let max = EntryIndex(1 << 62)
    public var next: EntryIndex { EntryIndex(rawValue + 1) }
    /// The index before this one. Index 0 has none.
    public var previous: EntryIndex { EntryIndex(rawValue - 1) }
    public func advanced(by count: Int) -> EntryIndex { EntryIndex(UInt64(Int64(rawValue) + Int64(count))) }
    public func distance(to other: EntryIndex) -> Int { Int(Int64(other.rawValue) - Int64(rawValue)) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// What names an entry in all logs at once: two logs that hold the same `EntryID` agree on everything up to it
/// (Raft, section 5.3, the log matching property).
public struct EntryID: Hashable, Sendable, CustomStringConvertible {
    /// The term of the leader that appended the entry.
    public var term: Term
    /// The entry's place in the log.
    public var index: EntryIndex

    public init(term: Term, index: EntryIndex) {
        self.term = term
        self.index = index
    }

    /// The place before the first entry.
    public static let zero = EntryID(term: .zero, index: .zero)

    /// Whether a log that ends here holds at least what a log that ends at `other` can have committed
    /// (Raft, section 5.4.1).
    public func isUpToDate(with other: EntryID) -> Bool {
        term > other.term || term == other.term && index >= other.index
    }

    public var description: String { "\(term)/\(index)" }
}
