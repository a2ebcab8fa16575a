import Commerce
import EventSourcing

/// What an event of an order means for the stock that it holds, or held.
package enum HoldEffect: Sendable {
    /// The claim is given up.
    case release
    /// The units leave.
    case fulfill
    /// Units that had left come back: all for which no earlier refund paid.
    case restock
    /// Those of these lines come back that are to.
    case restockLines([RefundLine])

    package var movement: StockMovement {
        switch self {
        case .release: .release
        case .fulfill: .fulfill
        case .restock, .restockLines: .restock
        }
    }
}

/// What becomes of units of an order. The raw value is the number on the wire.
package enum StockMovement: UInt8, Sendable {
    case release = 1
    case fulfill = 2
    case restock = 3
}

extension Order {
    /// What `effect`, of one of the order's own events, moves of each SKU, ascending by SKU.
    ///
    /// Behind an event that moves what is left no other refunds lines, so that the order may have gone on since.
    package func units(movedBy effect: HoldEffect) -> [SKUUnits] {
        switch effect {
        case .release, .fulfill: holds
        case .restock: holdsLeft
        case .restockLines(let lines): unitsRestocked(by: lines)
        }
    }
}

extension Order.Event {
    /// The event's effect on stock: in the same record where the stock shares the order's shard, and through the
    /// inventory consumer everywhere else.
    var holdEffect: HoldEffect? {
        switch self {
        case .rejected(.declined, _) where Mistake.declineWithoutRelease.isMade: nil
        case .cancelled(_, _, restock: false, _) where Mistake.cancelWithoutRelease.isMade: nil
        case .rejected: .release
        case .fulfilled: .fulfill
        case .cancelled(_, _, let restock, _): restock ? .restock : .release
        case .refundRequested(_, let restock, _): restock ? .restock : nil
        case .partRefundRequested(_, let lines, _, _): lines.contains(where: \.restock) ? .restockLines(lines) : nil
        case .placed, .paymentUnknown, .paid, .addressCorrected, .shipped, .trackingCorrected, .delivered, .refunded,
            .partRefunded, .personalDataErased:
            nil
        }
    }
}
