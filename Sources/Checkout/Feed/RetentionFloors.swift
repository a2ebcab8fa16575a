import ActorSystem
import Commerce
import EventSourcing
import Synchronization

/// How far each consumer has read each log: retention deletes nothing that one of them has yet to see.
public final class RetentionFloors: Sendable {
    private let consumers: [Consumer]
    private let positions = Mutex<[ShardID: [Consumer: LogIndex]]>([:])

    public init(consumers: [Consumer]) { self.consumers = consumers }

    func set(_ consumer: Consumer, source: Shard, to index: LogIndex) {
        let floor = positions.withLock { positions -> LogIndex in
            positions[source.id, default: [:]][consumer] = index
            return consumers.map { positions[source.id]?[$0] ?? .zero }.min() ?? .zero
        }
        source.journal.release(through: floor)
    }
}
