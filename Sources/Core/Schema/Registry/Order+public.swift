import Commerce
import EventSourcing

extension Order: RetailAggregate {
    public enum PublicName: String, CaseIterable, Sendable {
        /// An order was taken; its payment is not decided yet.
        case received = "OrderReceived"
        case rejected = "OrderRejected"
        /// The payment provider did not answer: there may be a charge.
        case paymentUnknown = "OrderPaymentUnknown"
        /// An order was paid: this is the one to act on.
        case placed = "OrderPlaced"
        case fulfilled = "OrderFulfilled"
        /// The goods go elsewhere than was said; the order says where.
        case addressCorrected = "OrderAddressCorrected"
        case shipped = "OrderShipped"
        /// The tracking code of goods on their way is another than was said.
        case trackingCorrected = "OrderTrackingCorrected"
        case delivered = "OrderDelivered"
        case cancelled = "OrderCancelled"
        case refundRequested = "OrderRefundRequested"
        case refunded = "OrderRefunded"
        /// A part of an order's money is to go back; the order goes on.
        case partRefundRequested = "OrderPartRefundRequested"
        case partRefunded = "OrderPartRefunded"
        /// The order no longer says where its goods went.
        case personalDataErased = "OrderPersonalDataErased"
    }

    public static func publicName(of event: Event) -> PublicName? {
        switch event {
        case .placed: .received
        case .rejected: .rejected
        case .paymentUnknown: .paymentUnknown
        case .paid: .placed
        case .fulfilled: .fulfilled
        case .addressCorrected: .addressCorrected
        case .shipped: .shipped
        case .trackingCorrected: .trackingCorrected
        case .delivered: .delivered
        case .cancelled: .cancelled
        case .refundRequested: .refundRequested
        case .refunded: .refunded
        case .partRefundRequested: .partRefundRequested
        case .partRefunded: .partRefunded
        case .personalDataErased: .personalDataErased
        }
    }

    /// - Parameter state: the order, for a payment: the event itself says only that it is paid.
    public static func describe(_ event: Event, of id: OrderID, state: Order?, in fields: inout EventFields) {
        fields.append("id", id)
        switch event {
        case .placed(let placement, let time):
            placement.describe(total: placement.total, in: &fields)
            fields.append("placed_at", time)
        case .rejected(let rejection, _): fields.append("reason", rejection.publicCode)
        case .paid(let charge, let time):
            state?.placement?.describe(total: state?.total, in: &fields)
            if let placedAt = state?.placedAt { fields.append("placed_at", placedAt) }
            fields.append("charge_id", charge.description)
            fields.append("paid_at", time)
        case .shipped(let tracking, _): fields.append("tracking", tracking)
        case .trackingCorrected(let tracking, _): fields.append("tracking", tracking)
        case .cancelled(let reason, let refundDue, let restock, _):
            fields.append("reason", reason)
            fields.append("refund_due", refundDue)
            fields.append("restock", restock)
        case .refundRequested(let reason, let restock, _):
            fields.append("reason", reason)
            fields.append("restock", restock)
        case .refunded(let refund, _): fields.append("refund_id", refund.description)
        case .partRefundRequested(let amount, let lines, let reason, _):
            fields.append("amount", amount)
            fields.append("lines", lines) { line, fields in
                fields.append("line", line.line)
                fields.append("quantity", line.quantity)
                fields.append("restock", line.restock)
            }
            fields.append("reason", reason)
        case .partRefunded(let refund, let number, _):
            fields.append("number", number)
            fields.append("refund_id", refund.description)
        // Where a customer lives is for the order to say, to the people who may read it.
        case .paymentUnknown, .fulfilled, .addressCorrected, .delivered, .personalDataErased: break
        }
    }
}

extension Placement {
    fileprivate func describe(total: Money?, in fields: inout EventFields) {
        fields.append("customer_id", customer)
        fields.append("items", lines) { line, fields in
            fields.append("sku", line.sku)
            fields.append("quantity", line.quantity)
            fields.append("unit_price", line.unitPrice)
            fields.append("line_total", line.total.map { .number($0) } ?? .absent)
        }
        if let total { fields.append("total", total) }
    }
}

extension Rejection {
    /// The name on the wire, in events and in the order itself.
    public var publicCode: String {
        switch self {
        case .insufficientStock: "insufficient_stock"
        case .declined: "payment_declined"
        case .paymentUnavailable: "payment_unavailable"
        case .paymentExpired: "payment_expired"
        }
    }
}
