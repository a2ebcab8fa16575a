import EventSourcing

/// The stock of one SKU: the units on hand, and who holds a claim on them.
///
/// Invariant: `0 <= reserved <= onHand <= Units.max`, and `reserved` is the sum of the units in `held`.
public struct Stock: Aggregate, Equatable {
    public let id: SKU
    /// Units physically there, reserved ones included.
    public internal(set) var onHand: Units = 0
    /// The standing reservations, ascending by id.
    public internal(set) var held: [Reservation] = []
    /// Units that an order or a reservation holds.
    public internal(set) var reserved: Units = 0
    /// The earliest `until` among `held`.
    var firstDeadline: Timestamp?

    public init(id: SKU) { self.id = id }

    /// Units that none holds.
    public var available: Units { onHand.subtracting(reserved)! }

    /// When the first reservation lapses.
    public var wakeAt: Timestamp? { firstDeadline }

    public enum Command: Sendable {
        /// Units arrived; `reference` names the delivery. Not idempotent by itself: the caller's idempotency key is.
        case receive(Units, reference: String?)
        /// The count changes by `delta`, which is not zero.
        case adjust(delta: Int64, reason: AdjustmentReason)
        /// The count becomes `to`, provided that it is still `expected`.
        case set(to: Units, expected: Units, reason: AdjustmentReason)
        /// Claims units until a moment of the log; with nil until they are fulfilled or released.
        case reserve(ReservationID, Units, until: Timestamp?)
        /// Gives a claim up. Without effect when it does not stand.
        case release(ReservationID)
        /// The claimed units leave. Without effect when an order's claim does not stand; refused for a manual one.
        case fulfill(ReservationID)
        /// Fulfilled units of an order come back. Not idempotent by itself: the caller records its position with it.
        case restock(Units, OrderID)
        /// Releases the reservations that have lapsed by `now`, at most `Stock.expiriesMax` of them.
        case expire
    }

    /// Every event is a movement of the ledger; it says how many units it moved.
    public enum Event: Sendable, Equatable {
        case received(Units, reference: String?)
        case adjusted(delta: Int64, reason: AdjustmentReason)
        case reserved(ReservationID, Units, until: Timestamp?)
        case released(ReservationID, Units)
        case expired(ReservationID, Units)
        case fulfilled(ReservationID, Units)
        case restocked(Units, OrderID)
    }

    public enum Refusal: Error, Sendable, Equatable {
        case insufficientStock(available: Units)
        case reservationNotHeld
        /// The id holds a claim on another number of units.
        case reservationConflict(units: Units)
        /// The count is no longer what the caller expected.
        case stale(onHand: Units)
        case wouldGoBelowReserved(reserved: Units)
        case quantityZero
        /// The deadline is not after the time of the log.
        case deadlinePassed
        case limitExceeded(Limit)
    }

    public enum Limit: Sendable, Hashable {
        /// More than `Units.max` on hand.
        case onHand
        /// More than `Stock.holdsMax` reservations.
        case holds
        /// A reference of more than `Stock.referenceLengthMax` characters or with control characters.
        case reference
        /// A note of more than `AdjustmentReason.noteLengthMax` characters or with control characters.
        case note
    }

    /// Keeps the state of the hottest SKU under a few megabytes.
    public static let holdsMax = 100_000
    /// A delivery note's number with room to spare.
    public static let referenceLengthMax = 200
    /// Keeps the record of one `expire` small; the rest lapse with the next, at once.
    public static let expiriesMax = 1_000
}
