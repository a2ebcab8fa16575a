import Checkout
import Commerce
import EventSourcing
import Schema

/// An order as clients see it.
struct OrderDocument {
    let order: Order
    let status: OrderStatus
    let payment: PaymentStatus
    private let address: ShippingAddress?

    init(_ order: Order) {
        self.order = order
        status = order.status ?? .placed
        payment = order.payment
        address = order.shippingAddress
    }

    /// The order as it was when it was first answered for.
    init(_ order: Order, as status: OrderStatus, _ payment: PaymentStatus) {
        self.order = order
        self.status = status
        self.payment = payment
        address = order.placement?.shippingAddress
    }

    var json: JSONWriter {
        var json = JSONWriter(capacity: 384 + 96 * order.lines.count)
        write(to: &json)
        return json
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", order.id)
            json.field("status", status.code)
            if status == .rejected, let rejection = order.rejection { json.field("reason", rejection.publicCode) }
            if let customer = order.customer { json.field("customer_id", customer) }
            if let placement = order.placement { json.field("placed_by", placement.placedBy) }
            json.array("items") { json in
                for line in order.lines {
                    json.object { json in
                        json.field("sku", line.sku.description)
                        json.field("quantity", line.quantity.rawValue)
                        json.field("unit_price", line.unitPrice)
                        json.field("line_total", line.total)
                    }
                }
            }
            if let total = order.total { json.field("total", total) }
            json.object("payment") { json in
                json.field("status", payment.code)
                // A first answer that is given again shows nothing that came to be known later.
                if payment != .unknown, let charge = order.charge { json.field("charge_id", charge.description) }
            }
            if let email = order.placement?.email { json.field("email", email.description) }
            if let address { write(address, to: &json) }
            if status != .placed, status != .paid, let tracking = order.tracking {
                json.field("tracking", tracking)
                writeFormerTrackings(to: &json)
            }
            // A first answer was given before anything was refunded.
            if status != .placed, status != .paid { writeRefunds(to: &json) }
            if let placedAt = order.placedAt { json.field("placed_at", placedAt) }
        }
    }

    private func writeRefunds(to json: inout JSONWriter) {
        guard !order.refunds.isEmpty, let currency = order.total?.currency else { return }
        json.field("refunded_total", Money(amount: order.refunded, currency: currency))
        json.array("refunds") { json in
            for (position, refund) in order.refunds.enumerated() {
                json.object { json in
                    json.field("id", RefundRequest.key(of: order.id, number: position + 1))
                    json.field("status", refund.isOwed ? "PENDING" : "REFUNDED")
                    json.field("amount", refund.amount)
                    json.array("lines") { json in for line in refund.lines { write(line, to: &json) } }
                    if let confirmation = refund.confirmation {
                        json.field("provider_refund_id", confirmation.description)
                    }
                    json.field("updated_at", refund.updatedAt)
                }
            }
        }
    }

    private func write(_ line: RefundLine, to json: inout JSONWriter) {
        json.object { json in
            json.field("sku", order.lines[line.line].sku.description)
            json.field("quantity", line.quantity.rawValue)
            json.field("restock", line.restock)
        }
    }

    private func writeFormerTrackings(to json: inout JSONWriter) {
        guard !order.formerTrackings.isEmpty else { return }
        json.array("former_trackings") { json in
            for former in order.formerTrackings {
                json.object { json in
                    json.field("tracking", former.code)
                    json.field("replaced_at", former.replacedAt)
                }
            }
        }
    }

    private func write(_ address: ShippingAddress, to json: inout JSONWriter) {
        json.object("shipping_address") { json in
            json.field("name", address.name)
            json.field("line1", address.line1)
            if let line2 = address.line2 { json.field("line2", line2) }
            json.field("city", address.city)
            if let region = address.region { json.field("region", region) }
            if let postalCode = address.postalCode { json.field("postal_code", postalCode) }
            json.field("country", address.country)
        }
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ money: Money) {
        object(name) { json in
            json.field("amount", money.amount)
            json.field("currency", money.currency.description)
        }
    }
}

extension OrderStatus {
    /// The name on the wire.
    var code: String {
        switch self {
        case .placed: "PLACED"
        case .paid: "PAID"
        case .fulfilled: "FULFILLED"
        case .shipped: "SHIPPED"
        case .delivered: "DELIVERED"
        case .cancelled: "CANCELLED"
        case .rejected: "REJECTED"
        case .refunded: "REFUNDED"
        }
    }

    init?(code: String) {
        guard let status = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = status
    }
}

extension PaymentStatus {
    /// The name on the wire.
    var code: String {
        switch self {
        case .pending: "PENDING"
        case .unknown: "UNKNOWN"
        case .paid: "PAID"
        case .declined: "DECLINED"
        case .unavailable: "UNAVAILABLE"
        case .refundPending: "REFUND_PENDING"
        case .refunded: "REFUNDED"
        case .notCharged: "NOT_CHARGED"
        case .partlyRefunded: "PARTIALLY_REFUNDED"
        }
    }
}
