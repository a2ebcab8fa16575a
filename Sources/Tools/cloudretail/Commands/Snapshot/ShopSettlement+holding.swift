import Commerce
import EventSourcing

/// Units for orders that rely on them.
extension ShopSettlement {
    /// Holds units for an order, if so many are there.
    mutating func hold(_ units: SKUUnits, for id: OrderID) -> Bool {
        change(
            units.sku, .reserve(.order(id), units.units, until: nil), "\(units.units) of \(units.sku) held for \(id)")
    }

    /// Holds units for an order that was paid, if need be those of orders that are open.
    private mutating func insist(on units: SKUUnits, for id: OrderID) -> Bool {
        if isHeld(units.sku, id) || hold(units, for: id) { return true }
        let open = stock(units.sku).held.compactMap { hold -> (order: OrderID, units: Units)? in
            guard case .order(let order) = hold.id, self.order(order)?.state.status == .placed else { return nil }
            return (order, hold.units)
        }
        let available = open.reduce(stock(units.sku).available.rawValue) { $0 + $1.units.rawValue }
        guard available >= units.units.rawValue else { return false }
        // The newest order is the first to lose its units.
        for (order, held) in open.reversed() where stock(units.sku).available < units.units {
            change(units.sku, .release(.order(order)), "\(held) of \(units.sku) released for \(order)")
            giveUp(order)
        }
        return hold(units, for: id)
    }

    /// Lets the units leave of an order that is fulfilled. Of what is not there as many as there are.
    mutating func take(_ units: SKUUnits, for id: OrderID) {
        if insist(on: units, for: id) {
            change(units.sku, .fulfill(.order(id)), "\(units.units) of \(units.sku) fulfilled for \(id)")
            return
        }
        let taken = min(units.units.rawValue, stock(units.sku).available.rawValue)
        change(units.sku, .adjust(delta: -taken, reason: .correction), nil)
        let missing = units.units.rawValue - taken
        repairs.tell("\(taken) of \(units.sku) fulfilled for \(id), and \(missing) were not there: count it")
    }

    /// Fulfils an order that is paid; one whose units are not there is cancelled, and its money goes back.
    mutating func fulfil(_ id: OrderID) {
        guard let order = order(id)?.state else { return }
        let missing = order.holds.filter { takenAlready[id]?.contains($0.sku) != true }
        for units in missing where !insist(on: units, for: id) {
            return cancel(id, "\(id) is cancelled: \(units.units) of \(units.sku) are not there")
        }
        change(id, .fulfill, "\(id) fulfilled")
        for units in order.holds where isHeld(units.sku, id) {
            change(units.sku, .fulfill(.order(id)), "\(units.units) of \(units.sku) fulfilled for \(id)")
        }
    }

    mutating func cancel(_ id: OrderID, _ words: String) {
        guard let order = order(id)?.state, order.status == .paid, change(id, .cancel(reason: nil), words) else {
            return
        }
        cancelled.append(id)
        end(id, order.holds)
        for units in order.holds where takenAlready[id]?.contains(units.sku) == true {
            change(units.sku, .restock(units.units, id), "\(units.units) of \(units.sku) returned for \(id)")
        }
    }

    /// An open order may have been charged since: its units are held, on its own shard too, which may have had too few
    /// when it was placed; or it is given up.
    mutating func hold(openOrder id: OrderID) {
        guard let order = order(id)?.state, !order.isAbandoned else { return }
        for units in order.holds where !isHeld(units.sku, id) && !hold(units, for: id) {
            return giveUp(id)
        }
    }

    /// Does about units that are still held what their order has decided; one that is not there gives them up.
    mutating func end(_ id: OrderID, _ units: [SKUUnits]) {
        let (command, word): (Stock.Command, String)
        switch order(id)?.state.status {
        case .placed, .paid: return
        case .fulfilled, .shipped, .delivered, .refunded: (command, word) = (.fulfill(.order(id)), "fulfilled")
        case nil, .cancelled, .rejected: (command, word) = (.release(.order(id)), "released")
        }
        for units in units where isHeld(units.sku, id) {
            change(units.sku, command, "\(units.units) of \(units.sku) \(word) for \(id)")
        }
    }
}
