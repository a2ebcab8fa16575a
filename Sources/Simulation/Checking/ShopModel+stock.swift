import Commerce
import EventSourcing
import Schema

/// What stock is held, given up and taken for. An order's events come first, on whichever shard; each is followed once.
extension ShopModel {
    /// What one order has of one SKU. Its units are taken at most once.
    struct Move: Hashable {
        let order: OrderID
        let sku: SKU
    }

    func check(_ event: Stock.Event, of sku: SKU, at index: LogIndex) throws(Contradiction) {
        switch event {
        case .received(let units, _): received[sku, default: 0] += units.rawValue
        case .adjusted(let delta, _): received[sku, default: 0] += delta
        case .reserved(.order(let id), _, _):
            try require(id, sku, at: index) { $0.status == .placed || isEndToCome(of: $0, for: sku) }
        case .released(.order(let id), _):
            try require(id, sku, at: index) { $0.status == .rejected || $0.status == .cancelled }
        case .fulfilled(.order(let id), _):
            try require(id, sku, at: index) { ![.placed, .paid, .rejected].contains($0.status) }
            guard taken.insert(Move(order: id, sku: sku)).inserted else {
                throw Contradiction("record \(index): \(sku) is taken for \(id) a second time")
            }
        case .restocked(let units, let id):
            let due = returning[Move(order: id, sku: sku)] ?? 0
            guard units.rawValue <= due else {
                throw Contradiction("record \(index) brings \(units) of \(sku) back for \(id), of which \(due) are due")
            }
            returning[Move(order: id, sku: sku)] = due - units.rawValue
        case .reserved, .released, .fulfilled, .expired: break
        }
    }

    /// Whether the order has ended, and this has yet to be done on the shard of `sku`: a hold taken there meanwhile, by
    /// somebody who does not know of it, will be released.
    private func isEndToCome(of order: Order, for sku: SKU) -> Bool {
        let (home, shard) = (order.id.slot.shard(of: shards), sku.slot.shard(of: shards))
        guard home != shard,
            let end = orders[order.id].moments.first(where: { $0.version > 0 && $0.state.status != .placed })
        else { return false }
        let id = ConsumerPositionID(consumer: .inventory, source: home, slot: Slot(shard.rawValue))
        return positions[id].current.state.position < end.index
    }

    private func require(
        _ id: OrderID, _ sku: SKU, at index: LogIndex, _ condition: (Order) -> Bool
    ) throws(Contradiction) {
        let order = orders[id].current.state
        guard order.status != nil else {
            throw Contradiction("record \(index) moves \(sku) for \(id), which was never placed")
        }
        guard condition(order) else {
            throw Contradiction("record \(index) moves \(sku) for \(id), which is \(order.status!)")
        }
    }
}

extension Order {
    /// The units that leave the stock for good with `event`, which is among those that led here: less than zero when
    /// they come back.
    func unitsTaken(by event: Event) -> [(sku: SKU, units: Int64)] {
        if case .fulfilled = event { return holds.map { ($0.sku, $0.units.rawValue) } }
        return unitsReturned(by: event).map { ($0.sku, -$0.units.rawValue) }
    }

    /// The units that come back to the stock with `event`.
    func unitsReturned(by event: Event) -> [SKUUnits] {
        switch event {
        case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _): holdsLeft
        case .partRefundRequested(_, let lines, _, _): unitsRestocked(by: lines)
        default: []
        }
    }
}
