import ActorSystem
import Commerce
import EventSourcing
import Synchronization

/// How far each follower has read each log: retention deletes nothing that one of them has yet to see.
///
/// Readers of the event feed hold nothing: one that is too slow is told that its position has expired.
public final class RetentionFloors: Sendable {
    /// Who reads a log in the shop's own interest, and has to see all of it.
    public enum Follower: Sendable {
        case inventory, sales, eventBus, webhooks, prices, searchedProducts, searchedSales, searchedStock

        /// Whose position stands in the log; nil for a view, which begins anew with its node, and for webhooks, of
        /// which each endpoint has a position (`WebhookHold`).
        var consumer: Consumer? {
            switch self {
            case .inventory: .inventory
            case .sales: .catalogue
            case .eventBus: .eventBus
            case .webhooks, .prices, .searchedProducts, .searchedSales, .searchedStock: nil
            }
        }
    }

    private let positions = Mutex<[ShardID: [Follower: LogIndex]]>([:])

    public init() {}

    /// From now on no record of `source` is given up that `follower` has not passed. Followers say so when they are
    /// made: none of them runs before all of them hold what they need.
    public func hold(_ follower: Follower, _ source: Shard) {
        positions.withLock { positions in
            if positions[source.id]?[follower] == nil { positions[source.id, default: [:]][follower] = .zero }
        }
    }

    /// `follower` has seen everything up to `index`, for good.
    public func advance(_ follower: Follower, _ source: Shard, to index: LogIndex) {
        let floor = positions.withLock { positions in
            positions[source.id, default: [:]][follower] = index
            return positions[source.id]?.values.min() ?? .zero
        }
        source.journal.release(through: floor)
    }

    /// Lets go of what the node's own views have seen, and the consumers, as their positions in this node's saved
    /// states say: for a shard that another node leads, where no consumer runs. Without it neither the checkpoint nor
    /// the log of a follower would move on.
    ///
    /// - Throws: when the log cannot be read.
    public func release(_ source: Shard, in shards: ShardMap) async throws {
        let webhooks = try await WebhookHold.end(of: source, in: shards)
        let held = positions.withLock { $0[source.id] ?? [:] }
        let consumers = held.keys.compactMap(\.consumer)
        let views = held.filter { $0.key.consumer == nil && $0.key != .webhooks }.values
        let stored = consumers.map { Self.stored($0, source, in: shards) }
        let floor = (stored + views + [webhooks].compactMap(\.self)).min()
        source.journal.release(through: floor ?? .zero)
    }

    /// `follower` has failed and holds no log back. Before it reads again it looks whether the log still reaches back.
    public func letGo(_ follower: Follower, _ source: Shard) {
        positions.withLock { $0[source.id]?[follower] = nil }
    }
}
