/// A consistency boundary: one thing that changes as a whole, decided by one writer.
///
/// Rules are pure. `decide` reads the state and says what would happen; `apply` makes it so. Neither reads a clock,
/// draws a random number or performs I/O: whatever they need arrives in the command.
public protocol Aggregate: Sendable {
    /// What names one instance, and routes to the shard that owns it.
    associatedtype ID: AggregateID
    /// What a caller may ask for, in the imperative.
    associatedtype Command: Sendable
    /// What happened, in the past tense. Events are what the log keeps.
    associatedtype Event: Sendable, Equatable
    /// Why a command was refused.
    associatedtype Refusal: Error, Sendable, Equatable

    /// The aggregate before its first event.
    init(id: ID)

    /// Decides `command` against this state.
    ///
    /// - Parameter now: the time of the record that the events will be part of. It never runs backwards within a shard.
    /// - Returns: the events to record; none when the promise asked for already stands.
    /// - Throws: the refusal, when a rule forbids the command.
    func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event]

    /// Applies one event. Total: an event out of the log is never refused.
    mutating func apply(_ event: Event)

    /// When this aggregate next wants attention though no command reaches it: an expiry, an unfinished order.
    var wakeAt: Timestamp? { get }
}

extension Aggregate {
    public var wakeAt: Timestamp? { nil }
}

/// The name of an aggregate within its kind.
public protocol AggregateID: Hashable, Sendable, CustomStringConvertible {
    /// The routing slot, a pure function of the id.
    var slot: Slot { get }

    /// Appends the canonical byte form: ids of one kind sort by it, and it is the tail of the `state` key.
    /// At most 256 bytes.
    func encode(into bytes: inout [UInt8])

    /// Reads what `encode(into:)` wrote; nil when the bytes are no such id.
    init?(encoded bytes: ArraySlice<UInt8>)
}
