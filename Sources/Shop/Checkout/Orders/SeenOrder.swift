import ActorSystem
import Commerce
import EventSourcing
import Schema

/// An order as a driver saw it who means to drive it on. Others may drive it too: two nodes for a moment, when the
/// leadership of its shard moves.
struct SeenOrder: Sendable {
    var order: Versioned<Order>
    /// The log of the order's shard was final up to here. Whatever ends the order comes behind it.
    let asOf: LogIndex

    /// Whether units may be held for the order on `shard`, for it is certain that its end will release them.
    ///
    /// What ends the order is done on other shards by the inventory consumer, in the order of the log. As long as that
    /// has not come past the place where the order was seen open, it has yet to do the end. A hold taken later would
    /// stay for ever.
    func mayReserve(on shard: Shard, home: ShardID, in batch: Batch) -> Bool {
        guard shard.id != home else { return batch.read(Order.self, order.state.id).state.status == .placed }
        let position = ConsumerPositionID(consumer: .inventory, source: home, slot: Slot(shard.id.rawValue))
        return batch.read(ConsumerPosition.self, position).state.position <= asOf
    }
}
