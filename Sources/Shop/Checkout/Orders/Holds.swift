import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What an order holds of each SKU, by the shard that owns the stock.
struct Holds: Sendable {
    /// Ascending by shard; within a shard ascending by SKU.
    let byShard: [(shard: ShardID, units: [SKUUnits])]

    init(of holds: [SKUUnits], on shards: ShardMap) {
        guard shards.shards.count > 1 else {
            byShard = [(.catalogue, holds)]
            return
        }
        var grouped = [[SKUUnits]](repeating: [], count: shards.shards.count)
        for hold in holds { grouped[Int(hold.sku.slot.shard(of: shards.shards.count).rawValue)].append(hold) }
        byShard = grouped.enumerated().compactMap { position, units in
            units.isEmpty ? nil : (ShardID(UInt16(position)), units)
        }
    }

    func units(on shard: Shard) -> [SKUUnits] { byShard.first { $0.shard == shard.id }?.units ?? [] }

    /// Whether the order holds nothing elsewhere.
    func isWithin(_ shard: Shard) -> Bool { byShard.allSatisfy { $0.shard == shard.id } }

    /// Whether units may be held on `shard` for an order that was seen open: it is certain that its end releases them.
    ///
    /// What ends the order is done on other shards by the inventory consumer, in the order of the log. As long as that
    /// has not come past the place where the order was seen open, it has yet to do the end. A hold taken later would
    /// stay for ever.
    ///
    /// - Parameters:
    ///   - index: the log of the order's shard was final up to here when the order was seen.
    ///   - home: the order's shard.
    static func mayReserve(
        for order: OrderID, asOf index: LogIndex, on shard: Shard, home: ShardID, in batch: Batch
    ) -> Bool {
        guard shard.id != home else { return batch.look(at: Order.self, order) { $0.state.status == .placed } }
        let position = ConsumerPositionID(consumer: .inventory, source: home, slot: Slot(shard.id.rawValue))
        return batch.read(ConsumerPosition.self, position).state.position <= index
    }

    /// The SKUs on `shard` of which there is less than the order needs.
    func shortages(for order: OrderID, on shard: Shard, in batch: Batch) -> [Shortage] {
        units(on: shard).compactMap { hold in
            batch.look(at: Stock.self, hold.sku) { stock in
                do throws(Stock.Refusal) {
                    _ = try stock.state.decide(.reserve(.order(order), hold.units, until: nil), at: batch.now)
                    return nil
                } catch {
                    return Shortage(
                        sku: hold.sku, requested: hold.units, available: available(after: error, in: stock.state))
                }
            }
        }
    }

    /// The units that are there for an order that was refused its hold. A SKU that can bear no more holds has too
    /// little as well; every other refusal means that the order does not know its own holds.
    private func available(after refusal: Stock.Refusal, in stock: Stock) -> Units {
        switch refusal {
        case .insufficientStock(let available): return available
        case .limitExceeded(.holds): return stock.available
        case .reservationNotHeld, .reservationConflict, .stale, .wouldGoBelowReserved, .quantityZero, .deadlinePassed,
            .limitExceeded:
            preconditionFailure("an order's hold on \(stock.id) was refused: \(refusal)")
        }
    }

    /// Reserves what the order needs on `shard`, all of it or nothing.
    ///
    /// - Returns: the SKUs of which there is too little; empty when everything is held.
    func reserve(for order: OrderID, on shard: Shard, in batch: Batch) -> [Shortage] {
        let shortages = shortages(for: order, on: shard, in: batch)
        guard shortages.isEmpty else { return shortages }
        for hold in units(on: shard) {
            do throws(Stock.Refusal) {
                try batch.decide(Stock.self, hold.sku, .reserve(.order(order), hold.units, until: nil))
            } catch {
                preconditionFailure("stock that can be reserved refused: \(error)")
            }
        }
        return []
    }

    /// Does to the order's holds on `shard` what an event of the order asks for. What is not held is left alone.
    func apply(_ effect: HoldEffect, for order: OrderID, on shard: Shard, in batch: Batch) {
        for hold in units(on: shard) {
            let command: Stock.Command =
                switch effect {
                case .release: .release(.order(order))
                case .fulfill: .fulfill(.order(order))
                case .restock, .restockLines: .restock(room(for: hold, in: batch), order)
                }
            if case .restock(.zero, _) = command { continue }
            do throws(Stock.Refusal) {
                try batch.decide(Stock.self, hold.sku, command)
            } catch {
                preconditionFailure("an order's own hold on \(hold.sku) was refused: \(error)")
            }
        }
    }

    /// What of a return fits. Only a count that staff have put near the limit has no room for all of it, and no
    /// count that people type may stop the shop.
    private func room(for hold: SKUUnits, in batch: Batch) -> Units {
        let room = Units.max.subtracting(batch.look(at: Stock.self, hold.sku) { $0.state.onHand }) ?? .zero
        return min(hold.units, room)
    }
}

/// What an event of an order means for the stock that it holds, or held.
enum HoldEffect: Sendable {
    /// The claim is given up.
    case release
    /// The units leave.
    case fulfill
    /// Units that had left come back: all for which no earlier refund paid.
    case restock
    /// Those of these lines come back that are to.
    case restockLines([RefundLine])
}

extension Order {
    /// What `effect`, of one of the order's own events, moves of each SKU, ascending by SKU.
    ///
    /// Behind an event that moves what is left no other refunds lines, so that the order may have gone on since.
    func units(movedBy effect: HoldEffect) -> [SKUUnits] {
        switch effect {
        case .release, .fulfill: holds
        case .restock: holdsLeft
        case .restockLines(let lines): unitsRestocked(by: lines)
        }
    }
}

extension Order.Event {
    /// The event's effect on stock: in the same record where the stock shares the order's shard, and through the
    /// inventory consumer everywhere else.
    var holdEffect: HoldEffect? {
        switch self {
        case .rejected(.declined, _) where Mistake.declineWithoutRelease.isMade: nil
        case .cancelled(_, _, restock: false, _) where Mistake.cancelWithoutRelease.isMade: nil
        case .rejected: .release
        case .fulfilled: .fulfill
        case .cancelled(_, _, let restock, _): restock ? .restock : .release
        case .refundRequested(_, let restock, _): restock ? .restock : nil
        case .partRefundRequested(_, let lines, _, _): lines.contains(where: \.restock) ? .restockLines(lines) : nil
        case .placed, .paymentUnknown, .paid, .addressCorrected, .shipped, .trackingCorrected, .delivered, .refunded,
            .partRefunded:
            nil
        }
    }
}
