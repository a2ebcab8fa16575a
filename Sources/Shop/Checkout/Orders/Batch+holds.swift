import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What an order does to stock, on the shard of the batch.
extension Batch {
    /// Those of `units` whose stock lives on this shard.
    func owned(_ units: [SKUUnits]) -> [SKUUnits] {
        units.allSatisfy { owns($0.sku.slot) } ? units : units.filter { owns($0.sku.slot) }
    }

    /// The SKUs of which there is less than `order` needs.
    ///
    /// - Parameter units: all on this shard.
    func shortages(of units: [SKUUnits], for order: OrderID) -> [Shortage] {
        units.compactMap { hold in
            look(at: Stock.self, hold.sku) { stock in
                do throws(Stock.Refusal) {
                    _ = try stock.state.decide(.reserve(.order(order), hold.units, until: nil), at: now)
                    return nil
                } catch {
                    return Shortage(
                        sku: hold.sku, requested: hold.units, available: stock.state.available(after: error))
                }
            }
        }
    }

    /// Reserves what `order` needs, all of it or nothing.
    ///
    /// - Parameter units: all on this shard.
    /// - Returns: the SKUs of which there is too little; empty when everything is held.
    func hold(_ units: [SKUUnits], for order: OrderID) -> [Shortage] {
        let shortages = shortages(of: units, for: order)
        guard shortages.isEmpty else { return shortages }
        for hold in units {
            do throws(Stock.Refusal) {
                try decide(Stock.self, hold.sku, .reserve(.order(order), hold.units, until: nil))
            } catch {
                preconditionFailure("stock that can be reserved refused: \(error)")
            }
        }
        return []
    }

    /// Moves what `order` holds, or held. What is not held is left alone.
    ///
    /// - Parameter units: all on this shard.
    func move(_ units: [SKUUnits], _ movement: StockMovement, for order: OrderID) {
        for hold in units {
            let command: Stock.Command =
                switch movement {
                case .release: .release(.order(order))
                case .fulfill: .fulfill(.order(order))
                case .restock: .restock(room(for: hold), order)
                }
            if case .restock(.zero, _) = command { continue }
            do throws(Stock.Refusal) {
                try decide(Stock.self, hold.sku, command)
            } catch {
                preconditionFailure("an order's own hold on \(hold.sku) was refused: \(error)")
            }
        }
    }

    /// What of a return fits. Only a count that staff have put near the limit has no room for all of it, and no
    /// count that people type may stop the shop.
    private func room(for hold: SKUUnits) -> Units {
        let room = Units.max.subtracting(look(at: Stock.self, hold.sku) { $0.state.onHand }) ?? .zero
        return min(hold.units, room)
    }
}

extension Stock {
    /// The units that are there for an order that was refused its hold. A SKU that can bear no more holds has too
    /// little as well; every other refusal means that the order does not know its own holds.
    fileprivate func available(after refusal: Refusal) -> Units {
        switch refusal {
        case .insufficientStock(let available): return available
        case .limitExceeded(.holds): return available
        case .reservationNotHeld, .reservationConflict, .stale, .wouldGoBelowReserved, .quantityZero, .deadlinePassed,
            .limitExceeded:
            preconditionFailure("an order's hold on \(id) was refused: \(refusal)")
        }
    }
}
