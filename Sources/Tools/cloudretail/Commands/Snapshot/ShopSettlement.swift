import ActorSystem
import Audit
import Commerce
import EventSourcing
import Schema
import Snapshots

/// Makes the shards of a snapshot fit each other: the order decides.
///
/// A snapshot is of one replica, which may know more of one shard than of another. What an order's log asks for is done
/// to stock that has yet to hear of it; what was done for records that the order's log does not have is undone; units
/// held for an order that is not there, or has ended, are given up. What was paid gets its units before what is open.
/// An open order whose units are not to be had is given up: its payment is voided, when the new cluster drives it on.
struct ShopSettlement {
    var repairs: ShopRepairs
    let audit: ShopAudit
    let logs: [SnapshotLog]
    let ahead: EffectsAhead
    /// Units that left the stock already for orders that are not fulfilled yet.
    var takenAlready: [OrderID: Set<SKU>] = [:]
    /// Orders that were paid, and are cancelled here.
    var cancelled: [OrderID] = []
    /// The units that stock holds for orders.
    private let held: [OrderID: [SKUUnits]]
    /// Orders that are placed or paid, ascending.
    private let open: [OrderID]

    init(of snapshot: SnapshotFile, _ audit: ShopAudit, _ repairs: ShopRepairs) throws {
        self.repairs = repairs
        self.audit = audit
        logs = snapshot.logs
        ahead = try EffectsAhead(snapshot, audit)
        held = audit.unitsHeld
        open = audit.openOrders
    }

    /// What may be written behind the logs, so that the duties of the new cluster find all units held that its orders
    /// rely on, and do the rest.
    ///
    /// - Returns: nil when the logs tell of effects that have to be undone: no log may go on from there.
    func behindLogs() throws -> ShopRepairs? {
        guard ahead.isEmpty, held.keys.allSatisfy({ audit.order($0) != nil }) else { return nil }
        var settlement = self
        let owed = try owed()
        for owed in owed where owed.movement == .fulfill && !settlement.isHeld(owed.units.sku, owed.order) {
            guard settlement.hold(owed.units, for: owed.order) else { return nil }
        }
        _ = settlement.doWhatIsOwed(owed.filter(\.isPassed))
        // Of an order that ended in records which are gone no duty will hear.
        let ends = owed.filter { $0.movement != .restock }
        let told = Dictionary(grouping: ends, by: \.order).mapValues { Set($0.map(\.units.sku)) }
        for id in held.keys.sorted() {
            settlement.end(id, held[id, default: []].filter { told[id]?.contains($0.sku) != true })
        }
        for id in open {
            guard let order = settlement.order(id)?.state, !order.isAbandoned else { continue }
            let isComplete = order.holds.allSatisfy {
                settlement.isHeld($0.sku, id) || settlement.hold($0, for: id)
            }
            if isComplete { continue }
            guard order.status == .placed else { return nil }
            settlement.giveUp(id)
        }
        return settlement.repairs
    }

    /// Everything, for a cluster in which no log goes on.
    func complete() throws -> ShopRepairs {
        var settlement = self
        try settlement.undo()
        let late = settlement.doWhatIsOwed(try owed())
        for id in held.keys.sorted() { settlement.end(id, held[id] ?? []) }
        for (order, units) in late { settlement.take(units, for: order) }
        for id in open where settlement.order(id)?.state.status == .paid { settlement.fulfil(id) }
        for id in open where settlement.order(id)?.state.status == .placed { settlement.hold(openOrder: id) }
        try settlement.countSales()
        return settlement.repairs
    }

    // MARK: - The shop as it is by now

    func order(_ id: OrderID) -> Versioned<Order>? { audit.order(id).map { repairs.current(id, $0) } }

    func stock(_ sku: SKU) -> Stock { repairs.current(sku, saved(sku)).state }

    private func saved(_ sku: SKU) -> Versioned<Stock> {
        audit.stock(sku) ?? Versioned(Stock(id: sku), version: 0, index: .zero)
    }

    func isHeld(_ sku: SKU, _ order: OrderID) -> Bool { stock(sku).held(.order(order)) != nil }

    func shard(of slot: Slot) -> ShardID { slot.shard(of: logs.count) }

    // MARK: - Changes

    /// - Returns: whether the rules let it be; without effect it is told to none.
    @discardableResult
    mutating func change(_ id: OrderID, _ command: Order.Command, _ words: String) -> Bool {
        guard let saved = audit.order(id),
            let events = try? repairs.current(id, saved).state.decide(command, at: repairs.now)
        else { return false }
        repairs.change(id, saved, by: events, words)
        return true
    }

    /// - Returns: whether the rules let it be; without effect it is told to none.
    @discardableResult
    mutating func change(_ sku: SKU, _ command: Stock.Command, _ words: String?) -> Bool {
        guard let events = try? stock(sku).decide(command, at: repairs.now) else { return false }
        repairs.change(sku, saved(sku), by: events, words)
        return true
    }

    /// Gives the payment of an open order up: it is voided before the order is rejected.
    mutating func giveUp(_ id: OrderID) {
        if order(id)?.state.payment != .unknown {
            change(id, .markPaymentUnknown, "\(id) has to be looked up at the payment provider")
        }
        change(id, .abandonPayment, "\(id) is given up: its units are not there")
    }
}
