import Commerce
import EventSourcing
import Schema

/// What stock is held, given up and taken for. An order's events come first, on whichever shard; each is followed once.
extension ShopModel {
    /// Something that happens at most once to what one order has of one SKU.
    struct Move: Hashable {
        enum Kind { case taken, broughtBack }
        let kind: Kind
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
            try count(Move(kind: .taken, order: id, sku: sku), at: index)
        case .restocked(_, let id):
            try require(id, sku, at: index) {
                $0.status == .cancelled || $0.payment == .refundPending || $0.payment == .refunded
            }
            try count(Move(kind: .broughtBack, order: id, sku: sku), at: index)
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

    private func count(_ move: Move, at index: LogIndex) throws(Contradiction) {
        guard moves.insert(move).inserted else {
            throw Contradiction("record \(index): \(move.sku) is \(move.kind) for \(move.order) a second time")
        }
    }
}

extension Order.Event {
    /// How many times the order's units leave the stock with this: -1 when they come back.
    var unitsTaken: Int64 {
        switch self {
        case .fulfilled: 1
        case .cancelled(_, _, restock: true, _), .refundRequested(_, restock: true, _): -1
        default: 0
        }
    }
}
