import ActorSystem
import Commerce
import EventSourcing
import Schema

extension ShardMap {
    /// What is on hand of SKUs that new products, or new variants, must not take over unsaid; ascending by SKU.
    ///
    /// It is a look before the step, for stock lives on the shards of its SKUs: what arrives in between was received by
    /// staff for a SKU that no product has.
    public func stocked(_ skus: Set<SKU>) async throws -> [SKUUnits] {
        var stocked: [SKUUnits] = []
        let skus = skus.sorted()
        for shard in shards {
            var rest = skus.filter { self[$0.slot].id == shard.id }[...]
            while !rest.isEmpty {
                let looked = rest.prefix(Self.skusPerReadMax)
                rest = rest.dropFirst(Self.skusPerReadMax)
                stocked += try await shard.read { states in
                    looked.map { sku in
                        SKUUnits(sku: sku, units: states.look(at: Stock.self, sku) { $0.state.onHand })
                    }
                }.filter { $0.units > 0 }
            }
        }
        return stocked.sorted { $0.sku < $1.sku }
    }

    /// SKUs looked at in one read of a shard: a quarter of a millisecond.
    private static var skusPerReadMax: Int { 128 }
}
