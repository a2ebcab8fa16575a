/// What a caller asks to be charged. The JSON body of `POST /v1/charges`.
struct ChargeParameters: Sendable, Codable, Equatable {
    var orderID: String
    /// Whose order it is; ledgers of before this was asked for, and callers with methods of everybody's, have none.
    var customerID: String?
    /// In minor units.
    var amount: Int64
    /// ISO 4217, three capital letters.
    var currency: String
    var paymentMethod: String

    enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case customerID = "customer_id"
        case amount
        case currency
        case paymentMethod = "payment_method"
    }
}

extension ChargeParameters {
    /// Whether the customer may pay with the method. A method `pm_<customer id>` or `pm_<customer id>_<anything>` is
    /// that customer's; every other one belongs to all.
    var isMethodOfCustomer: Bool {
        guard paymentMethod.hasPrefix("pm_cus_") else { return true }
        guard let customerID else { return false }
        return paymentMethod == "pm_\(customerID)" || paymentMethod.hasPrefix("pm_\(customerID)_")
    }
}

/// One charge, as the ledger keeps it.
struct Charge: Sendable, Codable, Equatable {
    enum Status: String, Sendable, Codable {
        /// The customer was charged. What was refunded later stands in `refunded`.
        case succeeded
        /// The card was refused; no money moved.
        case declined
        /// The charge was taken back as a whole, and its key is closed for ever.
        case voided
    }

    let id: String
    let key: String
    let request: ChargeParameters
    var status: Status
    let createdAt: String
    var refunded: Int64 = 0
    /// How often a charge was asked for under this key.
    var attempts = 1
}

/// What a caller asks to be paid back. The JSON body of `POST /v1/refunds`.
struct RefundParameters: Sendable, Codable, Equatable {
    var chargeID: String
    /// In minor units.
    var amount: Int64

    enum CodingKeys: String, CodingKey {
        case chargeID = "charge_id"
        case amount
    }
}

/// One refund, as the ledger keeps it.
struct Refund: Sendable, Codable, Equatable {
    let id: String
    let key: String
    let request: RefundParameters
    let orderID: String
    let currency: String
    let createdAt: String
    /// How often a refund was asked for under this key.
    var attempts = 1
}

/// What is known under a key.
enum Standing: Sendable, Equatable {
    case charge(Charge)
    /// Voided before any charge was seen.
    case fenced
}

struct Answer<Value: Sendable>: Sendable {
    let value: Value
    /// Whether the key had this answer already.
    let isReplay: Bool
}

/// Sums over the ledger, kept up to date by each event.
struct Summary: Sendable, Encodable, Equatable {
    /// Charges that ever succeeded, refunded and voided ones included.
    var charges = 0
    var declined = 0
    /// Refunds made, voids of a charge included.
    var refunded = 0
    /// Keys voided, whether a charge stood under them or not.
    var voided = 0
    var ordersCharged = 0
    /// Orders with a second charge that succeeded. Anything but 0 is a double charge.
    var ordersChargedMoreThanOnce = 0
    /// Everything ever charged, in minor units, whatever the currency.
    var amount: Int64 = 0
    var amountRefunded: Int64 = 0

    enum CodingKeys: String, CodingKey {
        case charges
        case declined
        case refunded
        case voided
        case ordersCharged = "orders_charged"
        case ordersChargedMoreThanOnce = "orders_charged_more_than_once"
        case amount
        case amountRefunded = "amount_refunded"
    }
}
