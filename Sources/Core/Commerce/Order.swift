import EventSourcing

/// An order: what was bought, where its money stands, and how far it has got.
///
/// Invariant: it follows `OrderStatus.after(_:)`, is charged at most once, only a refund that is owed is confirmed,
/// and the refunds come to no more than the total.
public struct Order: Aggregate, Equatable {
    public let id: OrderID
    /// nil until the order is placed, and so are `status`, `total` and `placedAt`.
    public package(set) var placement: Placement?
    public package(set) var total: Money?
    public package(set) var placedAt: Timestamp?
    public package(set) var status: OrderStatus?
    public package(set) var payment: PaymentStatus = .pending
    /// Why the shop rejected it.
    public package(set) var rejection: Rejection?
    public package(set) var charge: ChargeID?
    /// In the order in which they were asked for. The provider knows each by its number, which counts from 1.
    public package(set) var refunds: [Refund] = []
    /// Where the goods go, if that is another place than the customer said first.
    public package(set) var correctedAddress: ShippingAddress?
    /// The carrier's tracking code.
    public package(set) var tracking: String?
    /// The codes that `tracking` has taken the place of, oldest first; the newest `formerTrackingsMax` of them.
    public package(set) var formerTrackings: [FormerTracking] = []
    /// Whether the payment was unknown for a while, and the caller was told to poll.
    public package(set) var wasPending = false
    /// Whether no driver is to charge for it any more: a charge that is found all the same goes back.
    public package(set) var isAbandoned = false
    /// The time of the last event.
    public package(set) var updatedAt: Timestamp?

    public init(id: OrderID) { self.id = id }

    public var customer: CustomerID? { placement?.customer }
    public var lines: [OrderLine] { placement?.lines ?? [] }
    /// Where the goods go, as was said last.
    public var shippingAddress: ShippingAddress? { correctedAddress ?? placement?.shippingAddress }
    /// What the order holds of each SKU: its lines merged, ascending by SKU.
    public var holds: [SKUUnits] { placement?.holds ?? [] }

    /// The first answer to the request that placed the order; a replay is told the same. nil while undecided.
    public var firstAnswer: FirstAnswer? {
        if wasPending { return .pending }
        return rejection.map { .rejected($0) } ?? (charge == nil ? nil : .paid)
    }

    /// When the order wants to be driven on: an undecided one at its deadline, one with a refund owed since then.
    public var wakeAt: Timestamp? {
        status == .placed ? placement?.deadline : refundDueSince
    }

    public enum Command: Sendable {
        case place(Placement)
        case reject(Rejection)
        /// The provider did not answer: there may be a charge.
        case markPaymentUnknown
        /// Gives the unknown payment up, before the provider is told so: it may be told late, and must then find no
        /// driver that has taken its charge for a payment since.
        case abandonPayment
        case confirmPayment(ChargeID)
        case fulfill
        /// The goods go elsewhere than was said, or somewhere when nothing was. Not once they are on their way.
        case correctAddress(ShippingAddress)
        /// Of goods that have been shipped it corrects the tracking code; without a code it leaves that as it is.
        case ship(tracking: String?)
        case deliver
        case cancel(reason: String?)
        /// Gives the money back; `restock` says whether shipped goods return to the stock. Those not shipped always do.
        ///
        /// That is all that has not been paid back before.
        case refund(reason: String?, restock: Bool)
        /// Gives a part of the money back. Not idempotent by itself: the caller's idempotency key is.
        case refundPart(RefundPart, reason: String?)
        case confirmRefund(RefundID, number: Int = 1)
        /// Takes out where the goods went, how they were paid and where a guest was reached; what the books need stays.
        case erasePersonalData
    }

    /// Each event carries the time of the log at which it was decided.
    public enum Event: Sendable, Equatable {
        case placed(Placement, at: Timestamp)
        case rejected(Rejection, at: Timestamp)
        /// Said a second time: the payment is abandoned.
        case paymentUnknown(at: Timestamp)
        case paid(ChargeID, at: Timestamp)
        case fulfilled(at: Timestamp)
        case shipped(tracking: String?, at: Timestamp)
        case addressCorrected(ShippingAddress, at: Timestamp)
        /// The tracking code is this, and was another or none.
        case trackingCorrected(String, at: Timestamp)
        case delivered(at: Timestamp)
        /// `restock`: the units had been fulfilled and come back; otherwise the holds are released.
        case cancelled(reason: String?, refundDue: Bool, restock: Bool, at: Timestamp)
        case refundRequested(reason: String?, restock: Bool, at: Timestamp)
        /// The refund that was still owed is paid, and with it everything.
        case refunded(RefundID, at: Timestamp)
        /// `lines` is empty for a sum of money.
        case partRefundRequested(amount: Int64, lines: [RefundLine], reason: String?, at: Timestamp)
        /// The refund with this number is paid; others are owed, or money is left.
        case partRefunded(RefundID, number: Int, at: Timestamp)
        case personalDataErased(at: Timestamp)
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// Nothing was ever placed under this id.
        case notPlaced
        /// Another placement stands under this id.
        case alreadyPlaced
        case invalid(PlacementField)
        case illegalTransition(from: OrderStatus, OrderStep)
        /// Not to be cancelled before the provider's answer is known.
        case paymentInProgress
        /// A refund is owed: the order can neither be shipped nor cancelled.
        case refundInProgress
        /// The order is paid by another charge.
        case chargeConflict(ChargeID)
        /// More money than is left, in minor units; `ofLines` when it is the price of lines.
        case refundExceedsPayment(left: Int64, ofLines: Bool = false)
        /// More units than are left of the SKU at this position.
        case refundExceedsLines(item: Int, left: Units)
        /// As many parts as an order keeps have been refunded: what is left can only be refunded as a whole.
        case tooManyRefunds
    }

    /// A tracking code, a reason or a provider's code is a line of text, not a document.
    public static let noteLengthMax = 200
    /// Parts that are paid back before the rest: more than any customer has been patient for.
    public static let refundsMax = 100
    /// Lines of all of them together: each line of the longest order twice.
    public static let refundLinesMax = 2 * Placement.linesMax
    /// More corrections than any parcel has had; a longer list would only grow the order. The log has them all.
    public static let formerTrackingsMax = 20
}

/// A tracking code that another has taken the place of.
public struct FormerTracking: Hashable, Sendable {
    public let code: String
    public let replacedAt: Timestamp

    public init(code: String, replacedAt: Timestamp) {
        self.code = code
        self.replacedAt = replacedAt
    }
}

/// The field of a placement, or of a later command, that is outside its limits.
public enum PlacementField: Hashable, Sendable {
    /// None, or more than `Placement.linesMax`.
    case lines
    /// 0, or more than `Placement.quantityMax`, in the line at this position.
    case quantity(line: Int)
    /// Negative, or more than `Placement.unitPriceMax`, in the line at this position.
    case unitPrice(line: Int)
    /// Does not fit 64 bits.
    case total
    case shippingAddress
    case paymentMethod
    /// Not after the time of the log.
    case deadline
    case tracking
    case reason
    /// None, or more than `Placement.linesMax`.
    case refundItems
    /// Not in the order, at this position.
    case refundSKU(item: Int)
    /// 0, at this position.
    case refundQuantity(item: Int)
    /// Not above zero.
    case refundAmount
}

/// Why the shop rejected an order.
public enum Rejection: Hashable, Sendable {
    case insufficientStock([Shortage])
    /// With the provider's code, such as `card_declined`.
    case declined(code: String)
    /// The provider could not be asked; no charge was tried.
    case paymentUnavailable
    /// The deadline passed and the provider says that there is no charge.
    case paymentExpired

    /// Whether the request of the order is answered so for good; if not, nothing could be asked for its payment, and
    /// the same request may be tried again.
    public var isFinal: Bool {
        switch self {
        case .insufficientStock, .declined: true
        case .paymentUnavailable, .paymentExpired: false
        }
    }
}

/// A SKU of which there was too little.
public struct Shortage: Hashable, Sendable {
    public let sku: SKU
    public let requested: Units
    public let available: Units

    public init(sku: SKU, requested: Units, available: Units) {
        self.sku = sku
        self.requested = requested
        self.available = available
    }
}

/// What the request that placed an order was answered first.
public enum FirstAnswer: Hashable, Sendable {
    case paid
    case rejected(Rejection)
    /// The payment was unknown; the order is to be polled.
    case pending
}
