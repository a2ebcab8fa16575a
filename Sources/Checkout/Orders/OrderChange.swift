import ActorSystem
import Commerce
import EventSourcing
import Schema

/// One step of an order and what it means for the stock on its shard, in one record.
enum OrderChange {
    static func take(
        _ command: Order.Command, _ id: OrderID, shards: ShardMap, in batch: Batch
    ) throws(Order.Refusal) {
        let events = try batch.decide(Order.self, id, command)
        let shard = shards[id.slot]
        for effect in events.compactMap(\.holdEffect) {
            Holds(of: batch.look(at: Order.self, id) { $0.state.holds }, on: shards).apply(
                effect, for: id, on: shard, in: batch)
        }
    }
}
