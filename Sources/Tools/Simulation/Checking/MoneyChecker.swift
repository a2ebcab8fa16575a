import Checkout
import Commerce
import EventSourcing
import Schema

/// Watches the provider's books against the committed orders, at every movement of money.
final class MoneyChecker: Checker, PaymentWatcher {
    private let model: ShopModel
    private unowned let world: World

    init(model: ShopModel, world: World) {
        self.model = model
        self.world = world
    }

    /// A charge may be carried out only for an order that is durable, undecided, and has all its stock.
    func charged(_ request: ChargeRequest, in ledger: PaymentLedger) {
        let accounts = ledger.accounts(of: request.order).filter { $0.charge != nil }
        guard let account = accounts.last, !account.isVoided else { return }
        let order = model.orders[request.order].current.state
        guard let status = order.status else {
            return world.violate("\(request.order) is charged, and is not in the log")
        }
        guard accounts.count == 1 else { return world.violate("\(order.id) is charged \(accounts.count) times") }
        guard request.amount == order.total else { return world.violate("\(order.id) is charged \(request.amount)") }
        // What was charged before is only answered again.
        guard order.charge == nil else { return }
        guard status != .rejected else { return world.violate("\(order.id) is rejected and charged") }
        for hold in order.holds where model.stocks[hold.sku].current.state.held(.order(order.id))?.units != hold.units {
            return world.violate("\(order.id) is charged, and \(hold) is not held for it")
        }
    }

    /// Each refund goes back once, as much as the order says, and only where it is owed.
    func refunded(_ request: RefundRequest, in ledger: PaymentLedger) {
        let accounts = ledger.accounts(of: request.order)
        let order = model.orders[request.order].current.state
        guard accounts.count(where: { $0.refunds[request.number] != nil }) <= 1 else {
            return world.violate("refund \(request.number) of \(order.id) is paid twice")
        }
        guard accounts.contains(where: { $0.charge == request.charge }),
            accounts.reduce(0, { $0 + $1.refunded }) <= order.total?.amount ?? 0
        else { return world.violate("\(order.id) pays back what was not charged") }
        guard order.refunds.indices.contains(request.number - 1),
            order.refunds[request.number - 1].amount == request.amount.amount
        else { return world.violate("\(order.id) pays back what is not owed: \(request) of \(order.refunds)") }
    }

    /// A payment is fenced off only once its order has given it up, durably: until then a charge could be taken for
    /// paid.
    func voided(_ id: OrderID) {
        let order = model.orders[id].current.state
        guard order.isAbandoned || order.status == .rejected else {
            return world.violate("the payment of \(id) is voided, and it has not been given up")
        }
    }
}
