import Commerce
import EventSourcing
import Snapshots

/// The counts of units sold, which the catalogue's shard keeps for the orders of all.
extension ShopSettlement {
    mutating func countSales() throws {
        for log in logs { try count(log) }
        var returned: [SKU: Int64] = [:]
        for line in cancelled.flatMap({ audit.order($0)?.state.holds ?? [] }) {
            returned[line.sku, default: 0] -= line.units.rawValue
        }
        count(returned)
    }

    private mutating func count(_ log: SnapshotLog) throws {
        let id = ConsumerPositionID(consumer: .catalogue, source: log.shard, slot: .catalogue)
        var sold = (ahead.sold[log.shard] ?? [:]).mapValues { -$0 }
        try forEachStretch(of: log, behind: ahead.before[id] ?? audit.position(id)) { steps in
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
        count(sold)
    }

    private mutating func count(_ sold: [SKU: Int64]) {
        for (sku, net) in sold.sorted(by: { $0.key < $1.key }) where net != 0 {
            // A SKU that the catalogue no longer has is not counted.
            guard let id = audit.holder(of: sku), let product = audit.product(id), let units = Units(abs(net)) else {
                continue
            }
            let line = [SKUUnits(sku: sku, units: units)]
            let command = net > 0 ? Product.Command.recordUnitsSold(line) : .recordUnitsReturned(line)
            guard let events = try? repairs.current(id, product).state.decide(command, at: repairs.now) else {
                continue
            }
            repairs.change(id, product, by: events, "\(net) of \(sku) counted as sold")
        }
    }
}
