import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What the events of one SKU add up to, counted apart from the rules that decided them.
///
/// Invariant, unless an event broke it: `0 <= reserved <= onHand`, and `reserved` is the sum of the holds.
struct StockLedger: Sendable {
    struct Hold: Hashable, Sendable {
        let units: Int64
        let until: Timestamp?
    }

    private(set) var onHand: Int64 = 0
    private(set) var reserved: Int64 = 0
    private(set) var holds = SmallMap<ReservationID, Hold>()
    private(set) var version: UInt64 = 0
    /// Whether the log shows it from its first event on.
    let isWhole: Bool
    /// Whether there was ever so much on hand that what came back may not have found room.
    private(set) var wasFull = false

    init() { isWhole = true }

    /// Begins at a saved state, when the log before it is gone.
    init(_ saved: Versioned<Stock>) {
        isWhole = false
        version = saved.version
        onHand = saved.state.onHand.rawValue
        reserved = saved.state.reserved.rawValue
        wasFull = saved.state.onHand == .max
        for hold in saved.state.held { holds[hold.id] = Hold(units: hold.units.rawValue, until: hold.until) }
    }

    /// Books one entry of a record of `time`.
    ///
    /// - Parameters:
    ///   - booked: gains the events that add up.
    ///   - problems: gains what does not.
    mutating func take(
        _ entry: RecordBody.Entry, of sku: SKU, at time: Timestamp, _ booked: inout [Stock.Event],
        _ problems: inout [String]
    ) {
        if entry.versionBefore > version {
            problems.append("\(sku) jumps from version \(version) to \(entry.versionBefore + 1)")
            version = entry.versionBefore
        }
        var reached = entry.versionBefore
        for bytes in entry.events {
            reached += 1
            guard reached > version else {
                if isWhole { problems.append("\(sku) comes to version \(reached) a second time") }
                continue
            }
            version = reached
            do throws(MalformedBytes) {
                let event = try Stock.decodeEvent(bytes)
                if let problem = book(event, at: time) {
                    problems.append("\(sku): \(problem)")
                } else {
                    booked.append(event)
                }
            } catch {
                problems.append("\(sku): \(error)")
            }
        }
    }

    /// Books one event of a record of `time`.
    ///
    /// - Returns: what does not add up; nil when everything does.
    private mutating func book(_ event: Stock.Event, at time: Timestamp) -> String? {
        switch event {
        case .received(let units, _): onHand += units.rawValue
        case .adjusted(let delta, _): onHand += delta
        case .restocked(let units, _): onHand += units.rawValue
        case .reserved(let id, let units, let until):
            guard holds[id] == nil else { return "\(id) is held twice" }
            if case .manual = id, until == nil { return "\(id) is held without a deadline and for no order" }
            if case .order = id, until != nil { return "\(id) is held until a deadline, and its order decides" }
            holds[id] = Hold(units: units.rawValue, until: until)
            reserved += units.rawValue
        case .released(let id, let units):
            guard take(id, units) != nil else { return "\(id) gave up \(units), which it did not hold" }
        case .expired(let id, let units):
            guard let hold = take(id, units) else { return "\(id) let \(units) lapse, which it did not hold" }
            guard let until = hold.until, until <= time else { return "\(id) lapsed before its deadline" }
        case .fulfilled(let id, let units):
            guard take(id, units) != nil else { return "\(id) took \(units), which it did not hold" }
            onHand -= units.rawValue
        }
        wasFull = wasFull || onHand == Units.max.rawValue
        guard reserved >= 0, reserved <= onHand else { return "on hand \(onHand), reserved \(reserved)" }
        return onHand <= Units.max.rawValue ? nil : "on hand \(onHand), more than the limit"
    }

    private mutating func take(_ id: ReservationID, _ units: Units) -> Hold? {
        guard let hold = holds[id], hold.units == units.rawValue else { return nil }
        holds[id] = nil
        reserved -= units.rawValue
        return hold
    }

    /// The stock that it comes to; nil when it does not add up.
    func stock(_ sku: SKU) -> Stock? {
        guard let onHand = Units(onHand) else { return nil }
        var held: [Reservation] = []
        for (id, hold) in holds {
            guard let units = Units(hold.units) else { return nil }
            held.append(Reservation(id: id, units: units, until: hold.until))
        }
        return Stock(id: sku, onHand: onHand, held: held)
    }

    /// Whether another ledger, which may have begun elsewhere, says the same.
    func agrees(with other: StockLedger) -> Bool {
        version == other.version && onHand == other.onHand && reserved == other.reserved && holds == other.holds
    }

    /// Whether the saved state says the same.
    func agrees(with stock: Stock) -> Bool {
        onHand == stock.onHand.rawValue && reserved == stock.reserved.rawValue && holds.count == stock.held.count
            && stock.held.allSatisfy { holds[$0.id] == Hold(units: $0.units.rawValue, until: $0.until) }
    }
}
