import EventSourcing

extension Stock {
    public mutating func apply(_ event: Event) {
        if let contradiction = contradiction(in: event) { preconditionFailure("stock of \(id): \(contradiction)") }
        switch event {
        case .received(let units, _), .restocked(let units, _):
            onHand = onHand.adding(units)!
        case .adjusted(let delta, _):
            onHand = Units(onHand.rawValue + delta)!
        case .reserved(let id, let units, let until):
            held.insert(Reservation(id: id, units: units, until: until), at: place(of: id))
            reserved = reserved.adding(units)!
            if let until { firstDeadline = min(firstDeadline ?? until, until) }
        case .released(let id, _), .expired(let id, _):
            drop(id)
        case .fulfilled(let id, let units):
            drop(id)
            onHand = onHand.subtracting(units)!
        }
    }

    private mutating func drop(_ id: ReservationID) {
        let dropped = held.remove(at: place(of: id))
        reserved = reserved.subtracting(dropped.units)!
        guard let until = dropped.until, until == firstDeadline else { return }
        firstDeadline = held.lazy.compactMap(\.until).min()
    }

    /// Why `event` cannot have followed this state; nil when it can. An offline check asks this before it applies.
    public func contradiction(in event: Event) -> String? {
        switch event {
        case .received(let units, _), .restocked(let units, _):
            onHand.adding(units) == nil ? "more units on hand than the limit" : nil
        case .adjusted(let delta, _):
            contradiction(adjusting: delta)
        case .reserved(let id, let units, _):
            if held(id) != nil {
                "\(id) already holds a reservation"
            } else {
                units > available ? "\(id) reserved \(units) of \(available) available" : nil
            }
        case .released(let id, let units), .expired(let id, let units), .fulfilled(let id, let units):
            held(id)?.units != units ? "\(id) holds no reservation of \(units)" : nil
        }
    }

    private func contradiction(adjusting delta: Int64) -> String? {
        let (sum, overflow) = onHand.rawValue.addingReportingOverflow(delta)
        guard !overflow, let sum = Units(sum) else { return "an adjustment by \(delta) leaves the range of units" }
        return sum < reserved ? "an adjustment leaves \(sum) on hand of which \(reserved) are reserved" : nil
    }
}

extension Stock {
    /// The stock with these reservations; nil when they are not ascending by id or claim more than is on hand.
    package init?(id: SKU, onHand: Units, held: [Reservation]) {
        guard zip(held, held.dropFirst()).allSatisfy({ $0.id < $1.id }) else { return nil }
        var reserved: Units = 0
        for reservation in held {
            guard let sum = reserved.adding(reservation.units) else { return nil }
            reserved = sum
        }
        guard reserved <= onHand else { return nil }
        self.id = id
        self.onHand = onHand
        self.held = held
        self.reserved = reserved
        firstDeadline = held.lazy.compactMap(\.until).min()
    }
}
