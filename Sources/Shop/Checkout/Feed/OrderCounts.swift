import Commerce
import EventSourcing

/// What became of orders within a stretch of time.
public struct OrderCounts: Sendable, Hashable {
    public var placed = 0
    public var paid = 0
    /// For want of stock.
    public var refused = 0
    /// By the payment provider.
    public var declined = 0
    /// No payment could be taken, or none in time.
    public var paymentFailed = 0
    /// Payments whose outcome was not known at once.
    public var paymentUnknown = 0
    public var cancelled = 0
    /// What was paid, in minor units. Refunds are not taken off: they come when they come.
    public var revenue: [Currency: Int64] = [:]

    public init() {}

    public static func += (left: inout Self, right: Self) {
        left.placed += right.placed
        left.paid += right.paid
        left.refused += right.refused
        left.declined += right.declined
        left.paymentFailed += right.paymentFailed
        left.paymentUnknown += right.paymentUnknown
        left.cancelled += right.cancelled
        for (currency, amount) in right.revenue { left.add(amount, currency) }
    }

    /// Counts any event but a placing.
    ///
    /// - Parameter total: of the order, for a payment.
    mutating func count(_ event: Order.Event, total: Money?) {
        switch event {
        case .paid:
            paid += 1
            if let total { add(total.amount, total.currency) }
        case .rejected(.insufficientStock, _): refused += 1
        case .rejected(.declined, _): declined += 1
        case .rejected(.paymentUnavailable, _), .rejected(.paymentExpired, _): paymentFailed += 1
        case .paymentUnknown: paymentUnknown += 1
        case .cancelled: cancelled += 1
        default: break
        }
    }

    /// Past 64 bits it stays there: a chart needs no more.
    private mutating func add(_ amount: Int64, _ currency: Currency) {
        let (sum, isOverflow) = revenue[currency, default: 0].addingReportingOverflow(amount)
        revenue[currency] = isOverflow ? .max : sum
    }
}
