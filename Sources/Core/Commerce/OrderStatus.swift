/// Where an order stands. The raw value is the name used on the wire.
public enum OrderStatus: String, Hashable, Sendable, CaseIterable {
    /// Taken; its stock is being held and its payment tried.
    case placed
    /// Paid, and its stock held.
    case paid
    /// Its units have left the stock.
    case fulfilled
    case shipped
    case delivered
    /// Ended by the customer or staff after payment and before shipping.
    case cancelled
    /// Ended by the shop before payment: no stock, or no payment.
    case rejected
    /// Its money went back after it had been fulfilled.
    case refunded
}

/// Where the money of an order stands. The raw value is the name used on the wire.
public enum PaymentStatus: String, Hashable, Sendable, CaseIterable {
    /// Not decided yet.
    case pending
    /// The provider was asked and did not answer: there may be a charge.
    case unknown
    case paid
    case declined
    /// The provider could not be asked; no charge was tried.
    case unavailable
    /// A refund is owed and will be tried until the provider confirms it.
    case refundPending = "refund_pending"
    /// A part of the money is back, and none is owed.
    case partlyRefunded = "partially_refunded"
    case refunded
    /// The order ended without a charge.
    case notCharged = "not_charged"
}

/// What may be done with an order that has been placed.
public enum OrderStep: String, Hashable, Sendable, CaseIterable {
    case reject
    case markPaymentUnknown
    case confirmPayment
    case fulfill
    case correctAddress
    case ship
    case correctTracking
    case deliver
    case cancel
    case refund
    case refundPart
    case confirmRefund
    case confirmRefundPart
    case erasePersonalData
}

extension OrderStatus {
    /// The one table of legal transitions: where `step` leads from here; nil when it may not be taken.
    ///
    /// A refund leaves the status alone until the money is back; `Order` also asks where the money stands.
    public func after(_ step: OrderStep) -> OrderStatus? {
        switch (self, step) {
        case (.placed, .reject): .rejected
        case (.placed, .markPaymentUnknown): .placed
        case (.placed, .confirmPayment): .paid
        case (.paid, .fulfill): .fulfilled
        case (.placed, .correctAddress), (.paid, .correctAddress), (.fulfilled, .correctAddress): self
        case (.fulfilled, .ship): .shipped
        case (.shipped, .deliver): .delivered
        case (.shipped, .correctTracking), (.delivered, .correctTracking): self
        case (.paid, .cancel), (.fulfilled, .cancel): .cancelled
        case (.fulfilled, .refund), (.shipped, .refund), (.delivered, .refund): self
        case (.fulfilled, .refundPart), (.shipped, .refundPart), (.delivered, .refundPart): self
        case (.fulfilled, .confirmRefundPart), (.shipped, .confirmRefundPart), (.delivered, .confirmRefundPart),
            (.cancelled, .confirmRefundPart):
            self
        case (.cancelled, .confirmRefund): .cancelled
        case (.fulfilled, .confirmRefund), (.shipped, .confirmRefund), (.delivered, .confirmRefund): .refunded
        // Until then the shop has to know where the goods go.
        case (.shipped, .erasePersonalData), (.delivered, .erasePersonalData), (.cancelled, .erasePersonalData),
            (.rejected, .erasePersonalData), (.refunded, .erasePersonalData):
            self
        default: nil
        }
    }
}
