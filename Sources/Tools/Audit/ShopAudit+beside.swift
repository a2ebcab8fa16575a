import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What stands beside the saved states.
extension ShopAudit {
    /// Kinds of which every event is history.
    private static let chronicled = [Stock.kind, Order.kind]

    /// Finds places in lists, alarms and history that a shard's saved states have, and its rows have not, or the other
    /// way round.
    ///
    /// - Parameter kinds: all that shards own.
    /// - Throws: what the store throws for a row that is damaged.
    public mutating func compareRowsBeside(_ states: any StateStore, kinds: [OwnedKind], of shard: ShardID) throws {
        for problem in try RowsBesideStates(states).problems(kinds: kinds, chronicled: Self.chronicled) {
            find("shard \(shard): \(problem)", at: .end)
        }
    }
}
