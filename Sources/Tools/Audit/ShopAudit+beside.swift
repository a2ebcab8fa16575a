import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What stands beside the saved states.
extension ShopAudit {
    /// Rows that are compared with the saved states, each sort by itself.
    public enum RowsBeside: CaseIterable, Sendable { case listsAndAlarms, histories }

    /// Kinds of which every event is history.
    private static let chronicled = [Stock.kind, Order.kind]

    /// Places in lists, alarms and history that a shard's saved states have, and its rows have not, or the other way
    /// round. Threads may look for those of several sorts and shards at a time.
    ///
    /// - Parameter kinds: all that shards own.
    /// - Throws: what the store throws for a row that is damaged.
    public static func differences(
        of rows: RowsBeside, from states: any StateStore, kinds: [OwnedKind], of shard: ShardID
    ) throws -> Findings {
        let beside = RowsBesideStates(states)
        let problems =
            switch rows {
            case .listsAndAlarms: try beside.problemsOfListsAndAlarms(kinds)
            case .histories: try beside.problemsOfHistory(chronicled: chronicled)
            }
        var findings = Findings()
        for problem in problems { findings.add("shard \(shard): \(problem)", at: .end) }
        return findings
    }
}
