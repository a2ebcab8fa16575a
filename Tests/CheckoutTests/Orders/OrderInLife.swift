import Commerce
import EventSourcing

@testable import Checkout

/// An order without a shop around it.
enum OrderInLife {
    static let id = OrderID(at: .zero, slot: Slot(0), random: 1)
    static let customer = CustomerID(at: .zero, slot: Slot(0), random: 2)
    static let charge = ChargeID("ch_1")!
    static let shortage = Shortage(sku: SKU("LAMP")!, requested: 4, available: 1)
    private static let now = Timestamp.zero + .seconds(1)

    /// An order of four lamps, with these commands behind it.
    static func order(at unitPrice: Int64 = 250, after commands: [Order.Command] = []) throws -> Order {
        var order = Order(id: id)
        let lines = [OrderLine(sku: shortage.sku, quantity: 4, unitPrice: unitPrice)]
        try take(
            .place(
                Placement(
                    customer: customer, lines: lines, currency: .gbp, placedBy: customer,
                    deadline: now + .seconds(15))),
            by: &order)
        for command in commands { try take(command, by: &order) }
        return order
    }

    /// - Returns: the number of events.
    @discardableResult
    static func take(_ command: Order.Command, by order: inout Order) throws(Order.Refusal) -> Int {
        let events = try order.decide(command, at: now)
        for event in events { order.apply(event) }
        return events.count
    }

    /// Every standing that an order can have, as far as a driver sees a difference.
    static func standings() throws -> [(name: String, order: Order)] {
        let paid: [Order.Command] = [.confirmPayment(charge)]
        let shipped = paid + [.fulfill, .ship(tracking: nil)]
        let parts = (1...2).map { _ in Order.Command.refundPart(.amount(100), reason: nil) }
        let item = Order.Command.refundPart(.items([RefundItem(sku: shortage.sku, quantity: 1)]), reason: nil)
        return [
            ("never placed", Order(id: id)),
            ("placed", try order()),
            ("placed, free", try order(at: 0)),
            ("unknown", try order(after: [.markPaymentUnknown])),
            ("abandoned", try order(after: [.markPaymentUnknown, .abandonPayment])),
            ("rejected", try order(after: [.reject(.paymentUnavailable)])),
            ("paid", try order(after: paid)),
            ("fulfilled", try order(after: paid + [.fulfill])),
            ("shipped", try order(after: shipped)),
            ("delivered", try order(after: shipped + [.deliver])),
            ("cancelled, owed", try order(after: paid + [.cancel(reason: nil)])),
            ("cancelled, free", try order(at: 0, after: paid + [.cancel(reason: nil)])),
            ("parts owed", try order(after: shipped + parts)),
            ("part owed, free", try order(at: 0, after: shipped + [item])),
            ("refunded", try order(after: shipped + [.refund(reason: nil, restock: true), .confirmRefund(refund(1))])),
        ]
    }

    static func refund(_ number: Int) -> RefundID { RefundID("re_\(number)")! }
}
