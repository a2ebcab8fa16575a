import Commerce

extension ShopModel {
    /// Money and goods have gone the same way.
    func problem(of order: Order) -> String? {
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
}
