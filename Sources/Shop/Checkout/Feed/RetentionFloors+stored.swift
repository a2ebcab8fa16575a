import ActorSystem
import Commerce
import EventSourcing
import Schema

extension RetentionFloors {
    /// How far all consumers have read the log of `source`, as their positions in the saved states of this node say:
    /// for a node that follows the shard, where no consumer runs. It may lag.
    public static func stored(_ source: Shard, in shards: ShardMap) -> LogIndex {
        Consumer.ofDuties.map { consumer in
            // Sales are counted where the products are.
            let home = consumer == .catalogue ? shards.catalogue : source
            let id = ConsumerPositionID(consumer, of: source.id, on: home.id)
            return home.storedState(ConsumerPosition.self, id)?.position ?? .zero
        }.min() ?? .zero
    }
}
