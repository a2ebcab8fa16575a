import Commerce

/// One driver's attempt to bring an order to its end, as far as it has got.
struct OrderAttempt: Sendable {
    /// Another driver may have driven the order before, and a charge may be under way.
    let isResumed: Bool
    /// The charge is not tried again: the order has waited long enough, or its customer has too much undecided. Set
    /// when the provider is asked what became of the charge.
    var isLate = false
    /// What the last directive came to.
    var outcome: Outcome

    enum Outcome: Sendable {
        /// The order was read, or has just been placed. `shortAtHome`: what is short on its own shard, all else being
        /// held there; nil when that is not known.
        case seen(shortAtHome: [Shortage]?)
        /// What there is too little of, ascending by SKU; empty when all units are held.
        case reserved([Shortage])
        /// The order may have gone on, so that this driver holds nothing more for it. Its view of the order is old.
        case overtaken
        case charged(Result<ChargeOutcome, PaymentFailure>)
        case found(Result<ChargeLookup, PaymentFailure>)
        /// nil: no charge stands, and none ever will.
        case voided(PaymentFailure?)
        case refunded(Result<RefundID, PaymentFailure>, number: Int)
        /// The order is seen as it stands after the command, whether the command fitted or not.
        case recorded(Order.Command)
    }

    /// The attempt of the request that has placed the order.
    static func first(shortAtHome: [Shortage]) -> OrderAttempt {
        OrderAttempt(isResumed: false, outcome: .seen(shortAtHome: shortAtHome))
    }

    /// Any other attempt. The driver has just read the order.
    static var resumed: OrderAttempt { OrderAttempt(isResumed: true, outcome: .seen(shortAtHome: nil)) }
}
