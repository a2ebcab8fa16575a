import ActorSystem
import Commerce
import EventSourcing

/// What an order holds of each SKU, by the shard that owns the stock.
struct Holds: Sendable {
    /// Ascending by shard; within a shard ascending by SKU.
    let byShard: [(shard: ShardID, units: [SKUUnits])]

    init(of holds: [SKUUnits], on shards: ShardMap) {
        guard shards.shards.count > 1 else {
            byShard = holds.isEmpty ? [] : [(.catalogue, holds)]
            return
        }
        var grouped = [[SKUUnits]](repeating: [], count: shards.shards.count)
        for hold in holds { grouped[Int(hold.sku.slot.shard(of: shards.shards.count).rawValue)].append(hold) }
        byShard = grouped.enumerated().compactMap { position, units in
            units.isEmpty ? nil : (ShardID(UInt16(position)), units)
        }
    }

    func units(on shard: ShardID) -> [SKUUnits] { byShard.first { $0.shard == shard }?.units ?? [] }
}
