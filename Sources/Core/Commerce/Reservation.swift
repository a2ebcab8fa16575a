import EventSourcing

/// Who a reservation is for.
public enum ReservationID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// An order that has been placed and not decided or fulfilled yet.
    case order(OrderID)
    /// A hold made by hand or by another system.
    case manual(HoldID)

    public var description: String {
        switch self {
        case .order(let id): id.description
        case .manual(let id): id.description
        }
    }

    /// Reads the text form of either id.
    public init?(_ text: String) {
        if let id = OrderID(text) {
            self = .order(id)
        } else if let id = HoldID(text) {
            self = .manual(id)
        } else {
            return nil
        }
    }
}

/// A claim on units that are still on hand.
public struct Reservation: Hashable, Sendable {
    public let id: ReservationID
    public let units: Units
    /// When the claim lapses by itself; nil for an order's, which stands until the order decides.
    public let until: Timestamp?

    public init(id: ReservationID, units: Units, until: Timestamp?) {
        self.id = id
        self.units = units
        self.until = until
    }
}

/// Why a count was corrected. The codes are those warehouses book under.
public enum AdjustmentReason: Hashable, Sendable {
    /// A stock-take found another number.
    case count
    /// An earlier entry was wrong.
    case correction
    case damage
    case theft
    /// Past its date.
    case expired
    /// Came back from a customer outside an order's refund.
    case customerReturn
    /// Went back to the supplier.
    case supplierReturn
    /// Something else, in the words of the member of staff: at most `noteLengthMax` characters.
    case other(String)

    /// A sentence, not a report: it is stored with every movement.
    public static let noteLengthMax = 200

    /// The reason's stable code, in snake_case.
    public var code: String {
        switch self {
        case .count: "count"
        case .correction: "correction"
        case .damage: "damage"
        case .theft: "theft"
        case .expired: "expired"
        case .customerReturn: "return"
        case .supplierReturn: "supplier_return"
        case .other: "other"
        }
    }

    /// The codes of all reasons.
    public static let codes: [String] = [
        Self.count, .correction, .damage, .theft, .expired, .customerReturn, .supplierReturn, .other(""),
    ].map(\.code)

    /// - Parameter note: the words for `other`; nil and unused for the rest.
    public init?(code: String, note: String? = nil) {
        switch code {
        case "count": self = .count
        case "correction": self = .correction
        case "damage": self = .damage
        case "theft": self = .theft
        case "expired": self = .expired
        case "return": self = .customerReturn
        case "supplier_return": self = .supplierReturn
        case "other": self = .other(note ?? "")
        default: return nil
        }
    }

    var isWithinLimits: Bool {
        guard case .other(let note) = self else { return true }
        return note.isText(0...Self.noteLengthMax)
    }
}
