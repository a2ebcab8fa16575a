import ActorSystem
import Audit
import Checkout
import Commerce
import Consensus
import EventSourcing
import Schema
import Steps

/// The shop as the committed records say it is: one record after the other, in the order of each shard's log, judged by
/// the same fold as a data directory (`ShopAudit`).
///
/// What it adds is what no log shows: whether the provider's books say the same, and every state that a reply can be
/// compared with.
final class ShopModel: Checker {
    let stocks = Timelines(Stock.self)
    let orders = Timelines(Order.self)
    let carts = Timelines(Cart.self)
    private let tables: [AggregateKind: any AnyTimelines]
    /// The records come in the order in which they are committed, across all shards.
    private var audit: ShopAudit
    let shards: Int
    let provider: SimulatedProvider?
    /// By shard: the last record known to be committed.
    private(set) var committed: [LogIndex]
    /// Orders that stand, by the request that placed them.
    private var standing: [String: OrderID] = [:]

    init(shards: Int, provider: SimulatedProvider?) {
        self.shards = shards
        self.provider = provider
        audit = ShopAudit(shards: shards, isInOrder: true)
        committed = Array(repeating: .zero, count: shards)
        tables = [Stock.kind: stocks, Order.kind: orders, Cart.kind: carts]
    }

    func observe(_ observation: Observation, in world: World) {
        guard case .committed(_, let shard, let entry, isFirst: true) = observation else { return }
        do throws(Contradiction) {
            try take(entry, of: shard)
        } catch {
            world.violate("shard \(shard): \(error.message)")
        }
    }

    private func take(_ entry: Entry, of shard: ShardID) throws(Contradiction) {
        let index = LogIndex(entry.index.rawValue)
        committed[Int(shard.rawValue)] = index
        guard let record = JournalRecord(entry) else { return }
        audit.take(record, of: shard)
        if let finding = audit.findings.first.first { throw Contradiction("record \(index): \(finding.what)") }
        orders.changes = []
        carts.changes = []
        let body: RecordBody
        do throws(MalformedBytes) { body = try RecordBody(record.bytes) } catch {
            throw Contradiction("record \(index): \(error)")
        }
        for entry in body.entries { try tables[entry.kind]?.apply(entry, index: index, time: record.time) }
        for change in orders.changes {
            for event in change.events { try check(event, of: change.id, on: shard, at: index) }
        }
        for change in carts.changes { try check(cart: change.id, at: index) }
    }

    // MARK: - At the end

    func atEnd(of world: World) {
        audit.finish(ends: committed)
        if let finding = audit.findings.first.first { return world.violate("\(finding)") }
        for id in orders.ids {
            let order = orders[id].current.state
            if let problem = problem(of: order) {
                return world.violate("at the end \(order.id) is \(order.status!): \(problem)")
            }
        }
        if audit.unitsReserved != 0 { world.violate("at the end \(audit.unitsReserved) units are still held") }
    }

    func unsettled(in world: World) -> String? {
        audit.unsettledOrders.first.map { "the stock of \($0)" }
    }

    // MARK: - What an order's events bring with them

    private func check(_ event: Order.Event, of id: OrderID, on shard: ShardID, at index: LogIndex)
        throws(Contradiction)
    {
        let order = orders[id].current.state
        switch event {
        case .placed(let placement, _): try checkPlaced(id, placement, at: index)
        case .rejected(let rejection, _):
            if case .insufficientStock(let shortages) = rejection {
                try check(shortages, of: order, on: shard, at: index)
            }
            if provider?.ledger.accounts(of: id).contains(where: { $0.isCharged }) == true {
                throw Contradiction("record \(index) rejects \(id), which is charged")
            }
        case .paid(let charge, _): try checkPaid(order, charge, at: index)
        case .refunded(let refund, _), .partRefunded(let refund, _, _):
            let isFree = order.refunds.contains { $0.confirmation == refund && $0.amount == 0 }
            guard
                provider == nil || isFree
                    || provider?.ledger.accounts(of: id).contains(where: { $0.hasRefunded(refund) }) == true
            else {
                throw Contradiction(
                    "record \(index) says that \(id) is refunded by \(refund), which is not in the provider's books")
            }
        case .fulfilled, .cancelled, .paymentUnknown, .addressCorrected, .shipped, .trackingCorrected, .delivered,
            .refundRequested, .partRefundRequested, .personalDataErased:
            break
        }
    }

    /// What one request asked for is one order, whichever keys it was sent under.
    private func checkPlaced(_ id: OrderID, _ placement: Placement, at index: LogIndex) throws(Contradiction) {
        guard let request = placement.paymentMethod else { return }
        if let other = standing[request], !orders[other].current.state.isLeftOpen,
            orders[other].current.state.keepsKey(until: orders[id].current.state)
        {
            throw Contradiction("record \(index) places \(id) for \(request), which is \(other) already")
        }
        standing[request] = id
    }

    /// What is said to be there is what is there, for as far as this record can know.
    private func check(
        _ shortages: [Shortage], of order: Order, on shard: ShardID, at index: LogIndex
    ) throws(Contradiction) {
        let isHome = orders[order.id].current.index == orders[order.id].moments[1].index
        for shortage in shortages {
            guard shortage.available < shortage.requested else {
                throw Contradiction("record \(index) rejects \(order.id) for want of what is there: \(shortage)")
            }
            let stock = stocks[shortage.sku].current.state
            if isHome, shortage.sku.slot.shard(of: shards) == shard, stock.available != shortage.available {
                throw Contradiction(
                    "record \(index) rejects \(order.id) for \(shortage), and \(stock.available) are available")
            }
        }
    }

    private func checkPaid(_ order: Order, _ charge: ChargeID, at index: LogIndex) throws(Contradiction) {
        guard let provider, order.total?.amount != 0 else { return }
        guard provider.ledger.accounts(of: order.id).contains(where: { $0.charge == charge && !$0.isVoided }) else {
            throw Contradiction(
                "record \(index) says that \(order.id) is paid by \(charge), which is not in the provider's books")
        }
    }
}

extension Order {
    /// Whether its key still stands when another order is placed. Clocks that go astray again and again can take the
    /// log past a day within a run.
    func keepsKey(until next: Order) -> Bool {
        guard let placedAt, let end = next.placedAt else { return true }
        return end < placedAt + StepKey.lifetime
    }
}
