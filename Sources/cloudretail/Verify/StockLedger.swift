import Commerce

/// What the events of one SKU add up to, counted apart from the rules that decided them.
struct StockLedger {
    private(set) var onHand: Int64 = 0
    private(set) var reserved: Int64 = 0
    private(set) var holds: [ReservationID: Int64] = [:]

    init() {}

    /// Begins at a saved state, when the log before it is gone.
    init(_ stock: Stock) {
        onHand = stock.onHand.rawValue
        reserved = stock.reserved.rawValue
        for hold in stock.held { holds[hold.id] = hold.units.rawValue }
    }

    /// Books one event.
    ///
    /// - Returns: what does not add up; nil when everything does.
    mutating func book(_ event: Stock.Event) -> String? {
        switch event {
        case .received(let units, _): onHand += units.rawValue
        case .adjusted(let delta, _): onHand += delta
        case .restocked(let units, _): onHand += units.rawValue
        case .reserved(let id, let units, _):
            guard holds[id] == nil else { return "\(id) is held twice" }
            holds[id] = units.rawValue
            reserved += units.rawValue
        case .released(let id, let units), .expired(let id, let units):
            guard take(id, units) else { return "\(id) gave up \(units), which it did not hold" }
        case .fulfilled(let id, let units):
            guard take(id, units) else { return "\(id) took \(units), which it did not hold" }
            onHand -= units.rawValue
        }
        guard reserved >= 0, reserved <= onHand else { return "on hand \(onHand), reserved \(reserved)" }
        return nil
    }

    private mutating func take(_ id: ReservationID, _ units: Units) -> Bool {
        guard holds.removeValue(forKey: id) == units.rawValue else { return false }
        reserved -= units.rawValue
        return true
    }

    /// Whether the saved state says the same.
    func agrees(with stock: Stock) -> Bool {
        onHand == stock.onHand.rawValue && reserved == stock.reserved.rawValue && holds.count == stock.held.count
    }
}
