import Commerce

/// Whoever moves the customers' money.
///
/// Every call carries the order as its key, so each may be repeated: a key has at most one charge and one refund,
/// whatever is lost on the way. Calls return within the provider's time limit.
public protocol PaymentProvider: Sendable {
    /// Charges the customer, or repeats the answer that this order's charge already has.
    ///
    /// - Throws: `voided` when the key was voided before; `rejected` when the key was used with another request.
    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome

    /// What became of the charge for `order`.
    ///
    /// `absent` says that the provider has not seen one *yet*. Only `void` rules out that one arrives late.
    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup

    /// After this returns no charge for `order` stands, and none ever will: one that was made is paid back as a whole,
    /// one that arrives later is refused.
    func void(_ order: OrderID) async throws(PaymentFailure)

    /// Pays back a charge, or repeats the answer that this order's refund already has.
    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID
}

/// What to charge, and for which order. The order is the idempotency key.
public struct ChargeRequest: Hashable, Sendable {
    public let order: OrderID
    public let amount: Money
    /// The provider's token for how to pay; nil for the customer's default.
    public let method: String?

    public init(order: OrderID, amount: Money, method: String?) {
        self.order = order
        self.amount = amount
        self.method = method
    }
}

/// The provider's decision.
public enum ChargeOutcome: Hashable, Sendable {
    case succeeded(ChargeID)
    /// With the provider's code, such as `card_declined`. No money moved.
    case declined(code: String)
}

/// What the provider knows under a key.
public enum ChargeLookup: Hashable, Sendable {
    case succeeded(ChargeID)
    case declined(code: String)
    /// No charge stands, and none ever will.
    case voided
    /// Never seen so far.
    case absent
}

/// What to pay back, and for which order. An order is refunded once, so that the order names the refund too.
public struct RefundRequest: Hashable, Sendable {
    public let order: OrderID
    public let charge: ChargeID
    public let amount: Money

    public init(order: OrderID, charge: ChargeID, amount: Money) {
        self.order = order
        self.charge = charge
        self.amount = amount
    }
}
