import ActorSystem
import Commerce
import EventSourcing
import Schema

/// What is kept of a shard's log for the endpoints of webhooks: what an enabled one has yet to take, within a limit.
///
/// Where no endpoint is enabled nothing is kept, and so in a cluster of a version that knows of none.
public enum WebhookHold {
    /// Of one shard: some 600 MB, and the seconds that a node takes more to start. What an endpoint has not taken by
    /// then fails, and the endpoint itself if it is so far behind.
    public static let recordsMax: UInt64 = 1 << 21

    /// Everything up to here may go, as far as this node knows; nil when nothing is kept.
    static func end(of source: Shard, in shards: ShardMap) async throws -> LogIndex? {
        let endpoints = await shards.catalogue.readCommitted { states in
            states.read(Webhooks.self, WebhooksID()).state.endpoints
        }
        return try await end(of: source, for: endpoints)
    }

    static func end(
        of source: Shard, for endpoints: [WebhookEndpoint], recordsMax: UInt64 = recordsMax
    ) async throws -> LogIndex? {
        let enabled = endpoints.filter(\.settings.isEnabled)
        guard !enabled.isEmpty else { return nil }
        let settled = await source.readCommitted { states in
            enabled.map { endpoint -> LogIndex? in
                let id = WebhookProgressID(endpoint: endpoint.id, source: source.id)
                let progress = states.read(WebhookProgress.self, id).state
                return progress.since == endpoint.since ? progress.settled : nil
            }
        }
        var end = LogIndex(UInt64.max >> 1)
        for (endpoint, settled) in zip(enabled, settled) {
            end = min(end, try settled ?? beginning(of: source, since: endpoint.since))
        }
        return max(end, limit(of: source, recordsMax))
    }

    /// Where an endpoint begins that is told of what is recorded from `since` on.
    static func beginning(of source: Shard, since: Timestamp) throws -> LogIndex {
        LogIndex(try source.journal.first(since: since).rawValue - 1)
    }

    /// What lies at or before it is kept for no endpoint.
    static func limit(of source: Shard, _ recordsMax: UInt64) -> LogIndex {
        let committed = source.journal.committed.rawValue
        return LogIndex(committed > recordsMax ? committed - recordsMax : 0)
    }
}
