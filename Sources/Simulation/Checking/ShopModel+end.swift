import Commerce
import EventSourcing
import Schema

/// What must be true once everything has come to rest.
extension ShopModel {
    func atEnd(of world: World) {
        for id in orders.ids {
            let order = orders[id].current.state
            if let problem = problem(of: order) {
                return world.violate("at the end \(order.id) is \(order.status!): \(problem)")
            }
        }
        for sku in stocks.ids {
            if let problem = problem(of: sku) { return world.violate("at the end \(sku): \(problem)") }
        }
    }

    func unsettled(in world: World) -> String? {
        stocks.ids.lazy.compactMap { sku in self.problem(of: sku).map { "\(sku): \($0)" } }.first
    }

    /// Money and goods have gone the same way.
    private func problem(of order: Order) -> String? {
        let accounts = provider?.ledger.accounts(of: order.id) ?? []
        let charged = accounts.filter(\.isCharged)
        if accounts.filter({ $0.charge != nil }).count > 1 { return "it was charged \(accounts.count) times" }
        guard order.total?.amount != 0 else { return accounts.isEmpty ? nil : "it costs nothing and was charged" }
        switch order.status {
        case .rejected: return charged.isEmpty ? nil : "it is charged"
        case .cancelled, .refunded:
            guard provider != nil else { return nil }
            let refunded = accounts.filter { $0.charge == order.charge && $0.agrees(with: order) }
            return refunded.count == 1 && order.refunded == order.total?.amount ? nil : "its money did not go back"
        case .fulfilled, .shipped, .delivered:
            if order.refundDueSince != nil { return "its refund is still owed" }
            guard provider != nil else { return nil }
            let isPaid =
                charged.count == 1 && charged[0].charge == order.charge && charged[0].request?.amount == order.total
                && charged[0].agrees(with: order)
            return isPaid ? nil : "it is not paid for"
        case .placed, .paid, nil: return "it has not come to an end"
        }
    }

    /// Every unit is accounted for: what came in, less what the orders took, is on hand, and nobody holds any.
    private func problem(of sku: SKU) -> String? {
        let stock = stocks[sku].current.state
        if stock.reserved != .zero { return "\(stock.reserved) are still held" }
        let expected = (received[sku] ?? 0) - (balance[sku] ?? 0)
        return stock.onHand.rawValue == expected ? nil : "\(stock.onHand) are on hand, and it should be \(expected)"
    }
}
