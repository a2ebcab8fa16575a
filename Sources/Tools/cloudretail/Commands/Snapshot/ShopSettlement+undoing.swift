import Checkout
import Commerce
import EventSourcing

/// What stock has done for records of orders that the snapshot does not have.
extension ShopSettlement {
    mutating func undo() throws {
        for id in ahead.moves.keys.sorted() {
            for (sku, moves) in (ahead.moves[id] ?? [:]).sorted(by: { $0.key < $1.key }) {
                try undo(moves, of: sku, for: id)
            }
        }
    }

    private mutating func undo(_ moves: EffectsAhead.Moves, of sku: SKU, for id: OrderID) throws {
        let order = order(id)?.state
        switch order?.status {
        case nil, .placed: putBack(moves.taken - moves.returned, of: sku, for: id)
        case .paid:
            // Its units were given up by its cancellation alone, and left because it was fulfilled.
            if moves.released > 0 { return cancel(id, "\(id) is cancelled: shard \(shard(of: sku.slot)) knows that") }
            if moves.taken > 0 { takenAlready[id, default: []].insert(sku) }
            takeOut(moves.returned, of: sku, for: id)
        case .fulfilled, .shipped, .delivered, .refunded, .cancelled, .rejected:
            guard moves.returned > 0 else { return }
            takeOut(moves.returned - (try returned(sku, by: id)), of: sku, for: id)
        }
    }

    private mutating func putBack(_ units: Int64, of sku: SKU, for id: OrderID) {
        guard units > 0, let units = Units(units) else { return }
        putBack(SKUUnits(sku: sku, units: units), for: id, "put back")
    }

    /// Takes out what came back of an order that does not say so. What has been sold since stays out of the count.
    private mutating func takeOut(_ units: Int64, of sku: SKU, for id: OrderID) {
        guard units > 0 else { return }
        let there = min(units, stock(sku).available.rawValue)
        change(sku, .adjust(delta: -there, reason: .correction), "\(there) of \(sku) taken out, which \(id) keeps")
        if there < units { repairs.tell("\(units - there) of \(sku) that \(id) keeps have been sold since: count it") }
    }

    /// The units that came back by records of the order which the snapshot has, once the effects ahead began.
    private func returned(_ sku: SKU, by id: OrderID) throws -> Int64 {
        let (home, target) = (shard(of: id.slot), shard(of: sku.slot))
        let position = ConsumerPositionID(consumer: .inventory, source: home, slot: Slot(target.rawValue))
        guard let order = order(id)?.state, let before = ahead.before[position] else { return 0 }
        var units: Int64 = 0
        try forEachStretch(of: logs[Int(home.rawValue)], behind: before) { steps in
            for effect in steps.effects where effect.order == id && effect.effect.movement == .restock {
                for moved in order.units(movedBy: effect.effect) where moved.sku == sku {
                    units += moved.units.rawValue
                }
            }
        }
        return units
    }
}
