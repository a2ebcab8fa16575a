import EventSourcing

/// What one record that is not settled yet does to an aggregate.
struct ProposedEvents<A: Recorded> {
    let stamp: RecordStamp
    let events: [A.Event]
    /// Whether they begin the aggregate anew.
    let areAnew: Bool

    func apply(to value: inout Versioned<A>, _ id: A.ID) {
        if areAnew { value = Versioned(new: id) }
        value.apply(events)
        value.index = stamp.index
    }
}
