/// The limits of a checkout.
public struct CheckoutPolicy: Sendable {
    /// An order that is undecided after this long is picked up by the reconciler.
    public var attemptMax = Duration.seconds(15)
    /// After this long the provider is not asked for a charge again that it says it does not have: the charge is voided
    /// and the order rejected. Long enough for a provider to restart, short enough for units that wait to be sold.
    public var paymentWindow = Duration.seconds(120)
    /// Orders of one customer whose payment is unknown; with so many, the next is refused. Bad luck makes one or two.
    public var unknownOrdersMax = 5
    /// The same where staff place the order: an import may lose its provider while hundreds are under way.
    public var unknownOrdersByStaffMax = 100
    /// The same of a guest, who may come as another guest: bad luck makes one, and the next order may be a new attempt.
    public var unknownOrdersByGuestMax = 2
    /// Units that orders with an unknown payment, placed by the customer, may hold while the charge is tried again.
    /// Past it an order is given up as soon as the provider says that it has no charge.
    public var unknownUnitsMax: Int64 = 100
    /// An order past these limits is given up within the request while it has taken less than this.
    public var giveUpAtOnceMax = Duration.seconds(3)
    /// Orders under way at once, for one customer who orders for himself. A shopper has one; a program has its
    /// connections. With 256 connections to the provider four customers must hang to keep all others from paying.
    public var underWayMax = 64
    /// The same for a guest, who is a person in front of a page.
    public var underWayByGuestMax = 4
    /// How long a retry under the same key waits for the first one's answer.
    public var duplicateWaitMax = Duration.seconds(10)
    /// Orders that the reconciler drives at once, per shard, beside a few times as many for which the provider hangs.
    public var reconciledAtOnceMax = 16
    /// The longest that an order rests after the provider has again not decided it; the rest doubles from a second on.
    public var reconcileRestMax = Duration.seconds(16)
    /// How often the reconciler looks for orders that want attention.
    public var reconcileInterval = Duration.milliseconds(500)

    public init() {}
}
