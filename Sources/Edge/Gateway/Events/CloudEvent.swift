import Checkout
import Commerce
import EventSourcing
import Schema

/// An event of the feed as CloudEvents 1.0 in JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
struct CloudEvent {
    let event: FeedEvent

    /// Names the shop among the sources of events that a client may follow.
    static let source = "/cloudretail"
    static let mediaType = "application/cloudevents+json"

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("specversion", "1.0")
            json.field("id", event.id)
            json.field("source", Self.source)
            json.field("type", event.type.rawValue)
            json.field("subject", subject)
            json.field("time", event.time)
            if let actor = event.actor { json.field("actor", actor) }
            json.field("datacontenttype", "application/json")
            json.object("data") { writeData(to: &$0) }
        }
    }

    /// What it happened to.
    private var subject: String {
        switch event.event {
        case .stock(let sku, _): sku.description
        case .order(let id, _): id.description
        case .product(let id, _): id.description
        case .cart(let id, _), .account(let id, _), .logIns(let id, _): id.description
        case .session(let id, _): id.description
        case .idempotencyKey(let id, _): id.description
        case .emailClaim(let email, _): email.description
        case .skuClaim(let sku, _): sku.description
        case .consumerPosition(let id, _): id.description
        }
    }

    /// What happened. Never a password's hash, a digest or a token.
    private func writeData(to json: inout JSONWriter) {
        switch event.event {
        case .stock(let sku, let movement):
            json.field("sku", sku.description)
            movement.write(to: &json)
        case .order(let id, let step):
            json.field("id", id)
            step.write(order: event.order, to: &json)
        case .product(let id, let change):
            json.field("id", id)
            change.write(to: &json)
        case .cart(let customer, let change):
            json.field("customer_id", customer)
            change.write(to: &json)
        case .account(let id, let change):
            json.field("id", id)
            change.write(to: &json)
        case .session(let id, let change):
            json.field("id", id)
            change.write(to: &json)
        case .logIns(let id, _): json.field("id", id)
        case .idempotencyKey, .emailClaim, .skuClaim, .consumerPosition:
            // They have no type outside, so that none comes here.
            break
        }
    }
}

// MARK: - Orders

extension Order.Event {
    /// - Parameter order: the order as it stands, for a payment.
    fileprivate func write(order: Order?, to json: inout JSONWriter) {
        switch self {
        case .placed(let placement, let time):
            placement.write(total: placement.total, to: &json)
            json.field("placed_at", time)
        case .rejected(let rejection, _): json.field("reason", rejection.code)
        case .paid(let charge, let time):
            order?.placement?.write(total: order?.total, to: &json)
            if let placedAt = order?.placedAt { json.field("placed_at", placedAt) }
            json.field("charge_id", charge.description)
            json.field("paid_at", time)
        case .shipped(let tracking, _): json.field("tracking", tracking)
        case .trackingCorrected(let tracking, _): json.field("tracking", tracking)
        case .cancelled(let reason, let refundDue, let restock, _):
            json.field("reason", reason)
            json.field("refund_due", refundDue)
            json.field("restock", restock)
        case .refundRequested(let reason, let restock, _):
            json.field("reason", reason)
            json.field("restock", restock)
        case .refunded(let refund, _): json.field("refund_id", refund.description)
        case .partRefundRequested(let amount, let lines, let reason, _):
            json.field("amount", amount)
            json.array("lines") { json in
                for line in lines {
                    json.object { json in
                        json.field("line", line.line)
                        json.field("quantity", line.quantity.rawValue)
                        json.field("restock", line.restock)
                    }
                }
            }
            json.field("reason", reason)
        case .partRefunded(let refund, let number, _):
            json.field("number", number)
            json.field("refund_id", refund.description)
        // Where a customer lives is for the order to say, to those who may read it.
        case .paymentUnknown, .fulfilled, .addressCorrected, .delivered: break
        }
    }
}

extension Placement {
    fileprivate func write(total: Money?, to json: inout JSONWriter) {
        json.field("customer_id", customer)
        json.array("items") { json in
            for line in lines {
                json.object { json in
                    json.field("sku", line.sku.description)
                    json.field("quantity", line.quantity.rawValue)
                    json.field("unit_price", line.unitPrice)
                    json.field("line_total", line.total)
                }
            }
        }
        if let total { json.field("total", total) }
    }
}

extension Rejection {
    fileprivate var code: String {
        switch self {
        case .insufficientStock: "insufficient_stock"
        case .declined: "payment_declined"
        case .paymentUnavailable: "payment_unavailable"
        case .paymentExpired: "payment_expired"
        }
    }
}

// MARK: - Stock

extension Stock.Event {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .received(let units, let reference):
            json.field("quantity", units.rawValue)
            json.field("reference", reference)
        case .adjusted(let delta, let reason):
            json.field("delta", delta)
            json.field("reason", reason.code)
            if case .other(let note) = reason { json.field("note", note) }
        case .reserved(let id, let units, let until):
            json.field("reservation_id", id.description)
            json.field("quantity", units.rawValue)
            json.field("until", until)
        case .released(let id, let units), .expired(let id, let units), .fulfilled(let id, let units):
            json.field("reservation_id", id.description)
            json.field("quantity", units.rawValue)
        case .restocked(let units, let order):
            json.field("order_id", order)
            json.field("quantity", units.rawValue)
        }
    }
}

// MARK: - Products and carts

extension Product.Event {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .created(let details, _), .updated(let details, _): details.write(to: &json)
        case .priced(let sku, let price, _):
            json.field("sku", sku.description)
            json.field("price", price)
        case .activated, .deactivated: break
        case .unitsSold(let lines), .unitsReturned(let lines):
            json.array("items") { json in
                for line in lines {
                    json.object { json in
                        json.field("sku", line.sku.description)
                        json.field("quantity", line.units.rawValue)
                    }
                }
            }
        }
    }
}

extension Cart.Event {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .itemSet(let sku, let quantity):
            json.field("sku", sku.description)
            json.field("quantity", quantity.rawValue)
        case .itemRemoved(let sku): json.field("sku", sku.description)
        case .cleared: break
        }
    }
}

// MARK: - Accounts

extension Account.Event {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .registered(let registration, _):
            json.field("email", registration.email.description)
            json.field("first_name", registration.firstName)
            json.field("last_name", registration.lastName)
            json.field("role", registration.role.rawValue)
        case .passwordChanged: break
        case .roleGranted(let role): json.field("role", role.rawValue)
        case .renamed(let firstName, let lastName):
            json.field("first_name", firstName)
            json.field("last_name", lastName)
        case .sessionsEnded(let reason, let kept, _):
            json.field("reason", reason.rawValue)
            if let kept { json.field("except", kept) }
        }
    }
}

extension Session.Event {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .opened(let opening, _):
            json.field("customer_id", opening.customer)
            json.field("expires_at", opening.expiresAt)
        case .rotated, .repeated: break
        case .ended(let reason, _): json.field("reason", reason.rawValue)
        }
    }
}
