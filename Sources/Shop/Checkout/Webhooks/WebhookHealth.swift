import Commerce
import EventSourcing
import Synchronization

/// How the sending of webhooks fares on this node, for metrics. The counters only grow.
public final class WebhookHealth: Sendable {
    struct Lane: Hashable {
        let shard: ShardID
        let endpoint: WebhookID
    }

    private struct State {
        var delivered: UInt64 = 0
        var failed: UInt64 = 0
        var waiting: [Lane: Timestamp] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Events that an endpoint has taken, those sent again included.
    public var delivered: UInt64 { state.withLock { $0.delivered } }
    /// Attempts at which an endpoint has not taken an event.
    public var failed: UInt64 { state.withLock { $0.failed } }
    /// When the oldest event was recorded that an endpoint has yet to take; nil when each has what it was sent.
    public var oldest: Timestamp? { state.withLock { $0.waiting.values.min() } }

    func begins(_ event: FeedEvent, on lane: Lane) { state.withLock { $0.waiting[lane] = event.time } }
    func ends(on lane: Lane) { state.withLock { $0.waiting[lane] = nil } }

    func note(_ outcome: WebhookOutcome) {
        state.withLock { state in
            if outcome == .taken { state.delivered += 1 } else { state.failed += 1 }
        }
    }
}
