import Commerce
import EventSourcing
import Synchronization

/// What each customer has undecided on this node: orders under way, and orders whose payment is unknown with the units
/// that they hold. For limits only: what is true stands in the orders.
///
/// An order enters when a driver has left it with an unknown payment, after a restart as well, and leaves when a driver
/// has seen it decided.
final class UndecidedOrders: Sendable {
    private struct Standing {
        var underWay = 0
        /// The units of each order whose payment is unknown.
        var unknown: [OrderID: Int64] = [:]

        var isEmpty: Bool { underWay == 0 && unknown.isEmpty }
    }

    private let policy: CheckoutPolicy
    /// Customers with something undecided.
    private let standings = Mutex<[CustomerID: Standing]>([:])

    init(_ policy: CheckoutPolicy) { self.policy = policy }

    /// An order is about to be placed; `ended(_:)` has to follow.
    ///
    /// - Returns: whether the customer has as much undecided as may be, and a new order is to be refused.
    func began(_ request: OrderRequest) -> Bool {
        standings.withLock { standings in
            standings[request.customer, default: Standing()].underWay += 1
            guard let standing = standings[request.customer] else { return false }
            switch request.sender {
            case .staff: return standing.unknown.count >= policy.unknownOrdersByStaffMax
            case .customer:
                return standing.unknown.count >= policy.unknownOrdersMax || standing.underWay > policy.underWayMax
            case .guest:
                return standing.unknown.count >= policy.unknownOrdersByGuestMax
                    || standing.underWay > policy.underWayByGuestMax
            }
        }
    }

    /// The request for an order has been answered.
    func ended(_ request: OrderRequest) {
        change(request.customer) { $0.underWay -= 1 }
    }

    /// Takes note of an order as a driver leaves it.
    func note(_ order: Order) {
        guard let customer = order.customer else { return }
        let units = order.isPaymentUnknown ? order.holds.reduce(into: Int64(0)) { $0 += $1.units.rawValue } : nil
        change(customer) { $0.unknown[order.id] = units }
    }

    /// Whether the customer's unknown payments, `order` among them, are more than may wait for another try. What staff
    /// order for others waits: those goods were promised.
    func isPastLimits(_ order: Order) -> Bool {
        note(order)
        guard let customer = order.customer, order.placement?.placedBy == customer else { return false }
        return standings.withLock { standings in
            guard let unknown = standings[customer]?.unknown else { return false }
            return unknown.count > policy.unknownOrdersMax
                || unknown.values.reduce(0, +) > policy.unknownUnitsMax
        }
    }

    private func change(_ customer: CustomerID, _ body: (inout Standing) -> Void) {
        standings.withLock { standings in
            var standing = standings[customer] ?? Standing()
            body(&standing)
            standings[customer] = standing.isEmpty ? nil : standing
        }
    }
}

extension Order {
    /// Whether it waits for the provider to say what became of its charge.
    fileprivate var isPaymentUnknown: Bool { status == .placed && payment == .unknown }
}
