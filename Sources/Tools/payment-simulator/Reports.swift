/// Where a report is shown.
enum ReportPlace {
    /// The answer to the request that made it: the same for every retry, and so without what may change.
    case answer
    /// A look into the ledger.
    case ledger
}

/// A charge, as the API shows it.
struct ChargeReport: Encodable {
    let id: String
    let status: Charge.Status
    let declineCode: String?
    let idempotencyKey: String
    let orderID: String
    let customerID: String?
    let amount: Int64
    let refundedAmount: Int64?
    let currency: String
    let paymentMethod: String
    let attempts: Int?
    let createdAt: String

    init(_ charge: Charge, in place: ReportPlace = .ledger) {
        id = charge.id
        status = charge.status
        declineCode = charge.status == .declined ? "card_declined" : nil
        idempotencyKey = charge.key
        orderID = charge.request.orderID
        customerID = charge.request.customerID
        amount = charge.request.amount
        refundedAmount = place == .ledger ? charge.refunded : nil
        currency = charge.request.currency
        paymentMethod = charge.request.paymentMethod
        attempts = place == .ledger ? charge.attempts : nil
        createdAt = charge.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case id
        case status
        case declineCode = "decline_code"
        case idempotencyKey = "idempotency_key"
        case orderID = "order_id"
        case customerID = "customer_id"
        case amount
        case refundedAmount = "refunded_amount"
        case currency
        case paymentMethod = "payment_method"
        case attempts
        case createdAt = "created_at"
    }
}

/// A refund, as the API shows it.
struct RefundReport: Encodable {
    let id: String
    let idempotencyKey: String
    let chargeID: String
    let orderID: String
    let amount: Int64
    let currency: String
    let attempts: Int?
    let createdAt: String

    init(_ refund: Refund, in place: ReportPlace = .ledger) {
        id = refund.id
        idempotencyKey = refund.key
        chargeID = refund.request.chargeID
        orderID = refund.orderID
        amount = refund.request.amount
        currency = refund.currency
        attempts = place == .ledger ? refund.attempts : nil
        createdAt = refund.createdAt
    }

    enum CodingKeys: String, CodingKey {
        case id
        case idempotencyKey = "idempotency_key"
        case chargeID = "charge_id"
        case orderID = "order_id"
        case amount
        case currency
        case attempts
        case createdAt = "created_at"
    }
}

/// What is known under a key: a charge, or `{"idempotency_key", "status": "voided"}` when it was fenced before one
/// came.
struct StandingReport: Encodable {
    private let key: String
    private let standing: Standing

    init(key: String, _ standing: Standing) {
        self.key = key
        self.standing = standing
    }

    private enum CodingKeys: String, CodingKey {
        case idempotencyKey = "idempotency_key"
        case status
    }

    func encode(to encoder: any Encoder) throws {
        switch standing {
        case .charge(let charge): try ChargeReport(charge).encode(to: encoder)
        case .fenced:
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .idempotencyKey)
            try container.encode(Charge.Status.voided, forKey: .status)
        }
    }
}

/// Everything in the ledger, in the order in which it happened.
struct LedgerReport: Encodable {
    let charges: [ChargeReport]
    let refunds: [RefundReport]
    /// Keys voided before any charge was seen.
    let voidedKeys: [String]

    init(_ ledger: ChargeLedger) {
        charges = ledger.charges.map { ChargeReport($0) }
        refunds = ledger.refunds.map { RefundReport($0) }
        voidedKeys = ledger.fenced
    }

    enum CodingKeys: String, CodingKey {
        case charges
        case refunds
        case voidedKeys = "voided_keys"
    }
}
