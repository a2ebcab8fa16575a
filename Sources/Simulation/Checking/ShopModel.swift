import ActorSystem
import Checkout
import Commerce
import Consensus
import EventSourcing
import Schema

/// The shop as the committed records say it is: a sequential model that takes one record after the other, in the order
/// of each shard's log, and refuses what no honest shop writes.
final class ShopModel: Checker {
    let stocks = Timelines(Stock.self) { $0.contradiction(in: $1) }
    let orders = Timelines(Order.self) { $0.contradiction(in: $1) }
    let keys = Timelines(IdempotencyKey.self)
    let positions = Timelines(ConsumerPosition.self) { position, event in
        if case .advanced(let index) = event, index <= position.position { return "\(position.id) goes back" }
        return nil
    }
    let carts = Timelines(Cart.self)
    private let products = Timelines(Product.self)
    private let tables: [AggregateKind: any AnyTimelines]
    let shards: Int
    let provider: SimulatedProvider?
    /// By shard: the last record known to be committed, and its time.
    private(set) var committed: [LogIndex]
    private var times: [Timestamp]
    /// Units that came in, or were counted away, by nobody's order.
    var received: [SKU: Int64] = [:]
    /// Units that orders took, less what came back, by what the orders' own events say.
    private(set) var balance: [SKU: Int64] = [:]
    /// What the stock's events say that orders took.
    var taken: Set<Move> = []
    /// Units that orders say come back, and that the stock has not got yet.
    var returning: [Move: Int64] = [:]
    /// Orders that stand, by the request that placed them.
    private(set) var standing: [String: OrderID] = [:]

    init(shards: Int, provider: SimulatedProvider?) {
        self.shards = shards
        self.provider = provider
        committed = Array(repeating: .zero, count: shards)
        times = Array(repeating: .zero, count: shards)
        tables = [
            .stock: stocks, .order: orders, .idempotencyKey: keys, .consumerPosition: positions, .cart: carts,
            .product: products
        ]
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
        let place = Int(shard.rawValue)
        let index = LogIndex(entry.index.rawValue)
        committed[place] = index
        guard let record = JournalRecord(entry) else { return }
        guard record.time >= times[place] else {
            throw Contradiction("record \(index) is older than the one before it")
        }
        times[place] = record.time
        stocks.changes = []
        orders.changes = []
        keys.changes = []
        carts.changes = []
        let body: RecordBody
        do throws(MalformedBytes) { body = try RecordBody(record.bytes) } catch {
            throw Contradiction("record \(index): \(error)")
        }
        for entry in body.entries {
            guard let table = tables[entry.kind] else { throw Contradiction("record \(index) has an unknown kind") }
            try table.apply(entry, index: index, time: record.time)
        }
        for change in keys.changes { try check(key: change.id, change.events, at: index) }
        for change in orders.changes {
            for event in change.events { try check(event, of: change.id, on: shard, at: index) }
        }
        for change in stocks.changes {
            for event in change.events { try check(event, of: change.id, at: index) }
        }
        for change in carts.changes { try check(cart: change.id, at: index) }
    }

    // MARK: - One effect per key

    /// A key stands for one order, and is given up for one reason only: the order was rejected when it was answered.
    private func check(key: IdempotencyKeyID, _ events: [IdempotencyKey.Event], at index: LogIndex)
        throws(Contradiction)
    {
        let timeline = keys[key]
        var claim = timeline.moments[timeline.moments.count - 2].state.claim
        for event in events {
            switch event {
            case .released:
                guard case .order(let order)? = claim?.subject, orders[order].current.state.isRejectedAtOnce else {
                    throw Contradiction("record \(index) gives up \(key), which stands for something")
                }
                claim = nil
            case .claimed(let next):
                if let claim, timeline.current.time < claim.expiresAt {
                    throw Contradiction(
                        "record \(index) claims \(key) for \(next.subject), and it stands for \(claim.subject)")
                }
                claim = next
            }
        }
    }

    // MARK: - What an order's events bring with them

    private func check(_ event: Order.Event, of id: OrderID, on shard: ShardID, at index: LogIndex)
        throws(Contradiction)
    {
        let order = orders[id].current.state
        for (sku, units) in order.unitsTaken(by: event) {
            balance[sku, default: 0] += units
            if units < 0 { returning[Move(order: id, sku: sku), default: 0] -= units }
        }
        switch event {
        case .placed(let placement, _): try checkPlaced(id, placement, at: index)
        case .rejected(let rejection, _):
            try checkGivenUp(order, on: shard, at: index)
            if case .insufficientStock(let shortages) = rejection {
                try check(shortages, of: order, on: shard, at: index)
            }
            if provider?.ledger.accounts(of: id).contains(where: { $0.isCharged }) == true {
                throw Contradiction("record \(index) rejects \(id), which is charged")
            }
        case .paid(let charge, _): try checkPaid(order, charge, at: index)
        case .fulfilled: try checkGivenUp(order, on: shard, at: index)
        case .cancelled(_, _, restock: false, _): try checkGivenUp(order, on: shard, at: index)
        case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _), .partRefundRequested:
            for hold in order.unitsReturned(by: event) where hold.sku.slot.shard(of: shards) == shard {
                let back = stocks.changes.filter { $0.id == hold.sku }.flatMap(\.events)
                    .filter { $0 == .restocked(hold.units, id) }
                guard back.count == 1 else {
                    throw Contradiction("record \(index) of \(id) brings \(hold) back \(back.count) times")
                }
            }
        case .refunded(let refund, _), .partRefunded(let refund, _, _):
            let isFree = order.refunds.contains { $0.confirmation == refund && $0.amount == 0 }
            guard
                provider == nil || isFree
                    || provider?.ledger.accounts(of: id).contains(where: { $0.hasRefunded(refund) }) == true
            else {
                throw Contradiction(
                    "record \(index) says that \(id) is refunded by \(refund), which is not in the provider's books")
            }
        case .paymentUnknown, .addressCorrected, .shipped, .trackingCorrected, .delivered, .refundRequested: break
        }
    }

    private func checkPlaced(_ id: OrderID, _ placement: Placement, at index: LogIndex) throws(Contradiction) {
        let isKeyed = keys.changes.contains { change in
            if case .order(id)? = keys[change.id].current.state.claim?.subject { true } else { false }
        }
        guard isKeyed else { throw Contradiction("record \(index) places \(id) without its key") }
        guard let request = placement.paymentMethod else { return }
        if let other = standing[request], !orders[other].current.state.isRejectedAtOnce {
            throw Contradiction("record \(index) places \(id) for \(request), which is \(other) already")
        }
        standing[request] = id
    }

    /// The order is decided: on its own shard nothing is held for it any more.
    private func checkGivenUp(_ order: Order, on shard: ShardID, at index: LogIndex) throws(Contradiction) {
        for hold in order.holds where hold.sku.slot.shard(of: shards) == shard {
            guard stocks[hold.sku].current.state.held(.order(order.id)) == nil else {
                throw Contradiction("record \(index) makes \(order.id) \(order.status!) and leaves \(hold) held")
            }
        }
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
        for hold in order.holds {
            guard stocks[hold.sku].current.state.held(.order(order.id))?.units == hold.units else {
                throw Contradiction("record \(index) says that \(order.id) is paid, and \(hold) is not held for it")
            }
        }
        try checkCart(of: order, at: index)
        guard let provider, order.total?.amount != 0 else { return }
        guard provider.ledger.accounts(of: order.id).contains(where: { $0.charge == charge && !$0.isVoided }) else {
            throw Contradiction(
                "record \(index) says that \(order.id) is paid by \(charge), which is not in the provider's books")
        }
    }
}
