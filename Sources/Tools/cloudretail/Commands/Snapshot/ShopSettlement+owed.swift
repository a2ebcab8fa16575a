import Checkout
import Commerce
import EventSourcing
import Snapshots

/// What the stock of one shard has yet to hear of the orders of another.
extension ShopSettlement {
    /// What a record of an order asks of stock on another shard, which has not done it.
    struct Owed {
        let order: OrderID
        let movement: StockMovement
        let units: SKUUnits
        /// Whether the consumer has come past it: no duty comes back to it.
        let isPassed: Bool
    }

    /// In the order of each log.
    func owed() throws -> [Owed] {
        var owed: [Owed] = []
        for log in logs {
            // By the shard of the stock.
            let done = logs.map { followed(.inventory, log.shard, on: $0.shard) }
            let passed = done[Int(log.shard.rawValue)]
            try forEachStretch(of: log, behind: done.min() ?? .zero) { steps in
                for effect in steps.effects {
                    guard let order = audit.order(effect.order) else { continue }
                    for units in order.state.units(movedBy: effect.effect) {
                        let target = shard(of: units.sku.slot)
                        // On its own shard the effect is in the record of the event.
                        guard target != log.shard, effect.index > done[Int(target.rawValue)] else { continue }
                        owed.append(
                            Owed(
                                order: effect.order, movement: effect.effect.movement, units: units,
                                isPassed: effect.index <= passed))
                    }
                }
            }
        }
        return owed
    }

    /// - Returns: units that are to leave, and are not held: their shard has not heard of their order at all.
    mutating func doWhatIsOwed(_ owed: [Owed]) -> [(order: OrderID, units: SKUUnits)] {
        var late: [(OrderID, SKUUnits)] = []
        for owed in owed {
            let (units, order) = (owed.units, owed.order)
            switch owed.movement {
            case .release:
                change(units.sku, .release(.order(order)), "\(units.units) of \(units.sku) released for \(order)")
            case .fulfill where !isHeld(units.sku, order): late.append((order, units))
            case .fulfill:
                change(units.sku, .fulfill(.order(order)), "\(units.units) of \(units.sku) fulfilled for \(order)")
            case .restock: putBack(units, for: order, "returned")
            }
        }
        return late
    }

    /// Only a count near the limit has no room for all of a return.
    mutating func putBack(_ units: SKUUnits, for order: OrderID, _ word: String) {
        let room = min(units.units, Units.max.subtracting(stock(units.sku).onHand) ?? .zero)
        change(units.sku, .restock(room, order), "\(room) of \(units.sku) \(word) for \(order)")
    }

    // MARK: - Logs

    /// How far a consumer has followed one shard on another.
    func followed(_ consumer: Consumer, _ source: ShardID, on target: ShardID) -> LogIndex {
        audit.position(ConsumerPositionID(consumer: consumer, source: source, slot: Slot(target.rawValue)))
    }

    func forEachStretch(
        of log: SnapshotLog, behind position: LogIndex, _ body: (OrderSteps) throws -> Void
    ) throws {
        var next = position.next
        while true {
            let records = try log.records(from: next)
            guard let last = records.last else { return }
            try body(try OrderStepReader.read(records))
            next = last.index.next
        }
    }
}
