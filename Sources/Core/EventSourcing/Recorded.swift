/// The wire number of an aggregate's kind. Numbers are never reused: they stand in every log and snapshot.
public struct AggregateKind: RawRepresentable, Hashable, Sendable, Comparable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An aggregate with a byte form. The rules do not know it; `Schema` supplies it.
public protocol Recorded: Aggregate {
    /// A number given once and never again: it stands in every log.
    static var kind: AggregateKind { get }

    /// Appends the byte form of `event`: its event number, its schema number, its fields.
    static func encode(_ event: Event, into bytes: inout [UInt8])

    /// Reads any version of an event ever shipped. `bytes` holds exactly one event.
    static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event

    /// Appends the byte form of the whole state, schema number first.
    func encodeState(into bytes: inout [UInt8])

    /// Reads any version of a state ever shipped. `bytes` holds exactly one state.
    static func decodeState(_ bytes: ArraySlice<UInt8>, id: ID) throws(MalformedBytes) -> Self

    /// The version of the cluster that `event` came with, or its id: before, there are members that could not read it.
    static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion

    /// The row that lists this aggregate under a group ("the orders of a customer"), once it exists.
    /// It never changes over the life of the aggregate.
    var listing: Listing? { get }

    /// Whether `event` belongs in the aggregate's history, which can be paged through.
    static func isHistory(_ event: Event) -> Bool

    /// Whether storage looks for states of this kind to forget. Such a kind keeps no history.
    static var isForgettable: Bool { get }

    /// After this moment of the log the state means nothing any more, and storage may forget it: the aggregate then
    /// is as if it had never been, its version included.
    var forgetAfter: Timestamp? { get }
}

extension Recorded {
    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion { .first }
    public var listing: Listing? { nil }
    public static func isHistory(_ event: Event) -> Bool { false }
    public static var isForgettable: Bool { false }
    public var forgetAfter: Timestamp? { nil }
}

/// A row in a list kept by storage: sorted by `key` within `group`.
public struct Listing: Hashable, Sendable {
    /// What the list is of, as canonical bytes: the customer, for "my orders". Empty for an aggregate that stands only
    /// in the list of all of its kind, which needs no row of its own.
    public let group: [UInt8]
    /// The member, as its id's canonical bytes.
    public let key: [UInt8]

    public init(group: [UInt8], key: [UInt8]) {
        self.group = group
        self.key = key
    }
}

/// Bytes that are not what their kind and schema number say they are.
public struct MalformedBytes: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which field or number did not fit, as a static sentence.
    public let reason: String
    /// Where reading stopped, counted from the start of the buffer read.
    public let offset: Int

    public init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "malformed bytes at offset \(offset): \(reason)" }
}
