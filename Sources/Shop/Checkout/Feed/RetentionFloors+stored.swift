import ActorSystem
import Commerce
import EventSourcing
import Schema

extension RetentionFloors {
    /// How far `consumer` has read the log of `source`, as its position in the saved states of this node says: for a
    /// node that follows the shard, where no consumer runs. It may lag.
    public static func stored(_ consumer: Consumer, _ source: Shard, in shards: ShardMap) -> LogIndex {
        // Sales are counted where the products are.
        let home = consumer == .catalogue ? shards.catalogue : source
        let id = ConsumerPositionID(consumer, of: source.id, on: home.id)
        return home.storedState(ConsumerPosition.self, id)?.position ?? .zero
    }
}
