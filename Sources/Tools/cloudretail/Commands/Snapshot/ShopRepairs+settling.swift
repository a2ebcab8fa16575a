import ActorSystem
import Audit
import Checkout
import Commerce
import EventSourcing
import Schema
import Snapshots

/// What one shard still owes another is done: the order decides. Its log has no place in other shards.
extension ShopRepairs {
    /// Does for the stock and for the counts of sales what the orders' events ask for, as the consumers would have, and
    /// fulfils what is paid. Orders that are placed are left to be driven on.
    mutating func settle(_ snapshot: SnapshotFile, _ audit: ShopAudit) throws {
        let shards = snapshot.header.shards.count
        for log in snapshot.logs { try move(log, of: shards, audit) }
        var holds = StandingHolds()
        try audit.visitStates(at: .zero, &holds)
        for id in holds.orders.keys.sorted() { decide(id, holding: holds.orders[id] ?? [], audit) }
        for log in snapshot.logs { try count(log, audit) }
    }

    // MARK: - Stock

    private mutating func move(_ log: SnapshotLog, of shards: Int, _ audit: ShopAudit) throws {
        // By the shard of the stock.
        let done = (0..<shards).map { audit.position(of: .inventory, log.shard, on: $0) }
        try forEachStretch(of: log, behind: done.min() ?? .zero) { repairs, steps in
            for effect in steps.effects {
                guard let order = audit.order(effect.order) else { continue }
                for units in order.state.units(movedBy: effect.effect) {
                    let target = units.sku.slot.shard(of: shards)
                    // On its own shard the effect is in the record of the event.
                    guard target != log.shard, effect.index > done[Int(target.rawValue)] else { continue }
                    repairs.move(units, effect.effect.movement, for: effect.order, audit)
                }
            }
        }
    }

    private mutating func move(_ units: SKUUnits, _ movement: StockMovement, for order: OrderID, _ audit: ShopAudit) {
        let saved = audit.stock(units.sku) ?? Versioned(Stock(id: units.sku), version: 0, index: .zero)
        let stock = current(units.sku, saved).state
        let (command, word): (Stock.Command, String) =
            switch movement {
            case .release: (.release(.order(order)), "released")
            case .fulfill: (.fulfill(.order(order)), "fulfilled")
            case .restock: (.restock(min(units.units, Units.max.subtracting(stock.onHand) ?? .zero), order), "returned")
            }
        guard let events = try? stock.decide(command, at: now), !events.isEmpty else { return }
        change(units.sku, saved, by: events, "\(units.units) of \(units.sku) \(word) for \(order)")
    }

    /// Does about the units that an order still holds what the order has decided.
    private mutating func decide(_ id: OrderID, holding units: [SKUUnits], _ audit: ShopAudit) {
        guard let order = audit.order(id), let status = order.state.status else {
            return move(units, .release, for: id, audit)
        }
        switch status {
        case .placed: return
        case .paid:
            guard let events = try? order.state.decide(.fulfill, at: now), !events.isEmpty else { return }
            change(id, order, by: events, "\(id) fulfilled")
            move(units, .fulfill, for: id, audit)
        case .fulfilled, .shipped, .delivered, .refunded: move(units, .fulfill, for: id, audit)
        case .cancelled, .rejected: move(units, .release, for: id, audit)
        }
    }

    private mutating func move(_ units: [SKUUnits], _ movement: StockMovement, for id: OrderID, _ audit: ShopAudit) {
        for units in units { move(units, movement, for: id, audit) }
    }

    // MARK: - Sales

    private mutating func count(_ log: SnapshotLog, _ audit: ShopAudit) throws {
        var sold: [SKU: Int64] = [:]
        try forEachStretch(of: log, behind: audit.position(of: .catalogue, log.shard, on: 0)) { _, steps in
            for paid in steps.paid {
                for line in audit.order(paid.order)?.state.holds ?? [] {
                    sold[line.sku, default: 0] += line.units.rawValue
                }
            }
            for returned in steps.returned {
                for line in audit.order(returned.order)?.state.units(of: returned.units) ?? [] {
                    sold[line.sku, default: 0] -= line.units.rawValue
                }
            }
        }
        for (sku, net) in sold.sorted(by: { $0.key < $1.key }) where net != 0 {
            // A SKU that the catalogue no longer has is not counted.
            guard let id = audit.holder(of: sku), let product = audit.product(id), let units = Units(abs(net)) else {
                continue
            }
            let line = [SKUUnits(sku: sku, units: units)]
            let command = net > 0 ? Product.Command.recordUnitsSold(line) : .recordUnitsReturned(line)
            guard let events = try? current(id, product).state.decide(command, at: now) else { continue }
            change(id, product, by: events, "\(net) of \(sku) counted as sold")
        }
    }

    // MARK: - Logs

    private mutating func forEachStretch(
        of log: SnapshotLog, behind position: LogIndex, _ body: (inout ShopRepairs, OrderSteps) -> Void
    ) throws {
        var next = position.next
        while true {
            let records = try log.records(from: next)
            guard let last = records.last else { return }
            body(&self, try OrderStepReader.read(records))
            next = last.index.next
        }
    }
}

extension ShopAudit {
    fileprivate func position(of consumer: Consumer, _ source: ShardID, on target: Int) -> LogIndex {
        position(ConsumerPositionID(consumer: consumer, source: source, slot: Slot(UInt16(target))))
    }
}

/// The units that each order holds, in stock, and every order that is paid.
private struct StandingHolds: ShopStateVisitor {
    private(set) var orders: [OrderID: [SKUUnits]] = [:]

    mutating func visit<A: Recorded>(_ id: A.ID, _ value: Versioned<A>) {
        if let stock = value.state as? Stock {
            for hold in stock.held {
                guard case .order(let order) = hold.id else { continue }
                orders[order, default: []].append(SKUUnits(sku: stock.id, units: hold.units))
            }
        } else if let order = value.state as? Order, order.status == .paid {
            orders[order.id, default: []] += []
        }
    }
}
