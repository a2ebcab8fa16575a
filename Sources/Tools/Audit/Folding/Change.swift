import ActorSystem
import EventSourcing

/// What one entry of a record did to its aggregate.
struct Change<A: Judged> {
    let id: A.ID
    /// Of the state before.
    let before: A.Former
    /// The state after.
    let made: SharedState<A>
    /// Whether the log shows it from its first event on.
    let isWhole: Bool
    /// Those that moved the state.
    let events: [A.Event]
    /// Those that a saved state has already, which the log still holds.
    let earlier: [A.Event]

    var after: A { made.value }
}

/// A state that several hold: an order has a dozen parts, which would be counted each time it is copied.
final class SharedState<A: Judged>: Sendable {
    /// Changed only while one alone holds it.
    nonisolated(unsafe) private(set) var value: A

    init(_ value: A) { self.value = value }

    /// Applies an event where the state is, unless others hold it too: they keep what they have.
    static func apply(_ event: A.Event, to state: inout SharedState) {
        if !isKnownUniquelyReferenced(&state) { state = SharedState(state.value) }
        state.value.apply(event)
    }
}
