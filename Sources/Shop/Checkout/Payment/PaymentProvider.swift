import Commerce

/// The service that moves the customers' money.
///
/// Every call carries the order as its key, a refund its number too, so each may be repeated: a key has at most one
/// charge or one refund, whatever is lost on the way, and the refunds of a charge come to no more than the charge.
/// Calls return within the provider's time limit.
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

    /// Pays back a charge or a part of it, or repeats the answer that this refund of the order already has.
    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID
}

/// What to charge, and for which order. The order is the idempotency key.
public struct ChargeRequest: Hashable, Sendable {
    public let order: OrderID
    /// Who is charged: the provider knows whose a method is.
    public let customer: CustomerID
    public let amount: Money
    /// The provider's token for how to pay; nil for the customer's default.
    public let method: String?

    public init(order: OrderID, customer: CustomerID, amount: Money, method: String?) {
        self.order = order
        self.customer = customer
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

/// What to pay back, and for which order. The order and the refund's number name it.
public struct RefundRequest: Hashable, Sendable {
    public let order: OrderID
    public let charge: ChargeID
    public let amount: Money
    /// From 1, in the order in which an order's refunds were asked for.
    public let number: Int

    public init(order: OrderID, charge: ChargeID, amount: Money, number: Int = 1) {
        self.order = order
        self.charge = charge
        self.amount = amount
        self.number = number
    }

    /// The name under which the provider and the clients know the refund.
    public var key: String { Self.key(of: order, number: number) }

    public static func key(of order: OrderID, number: Int) -> String {
        number == 1 ? "\(order)-refund" : "\(order)-refund-\(number)"
    }
}
