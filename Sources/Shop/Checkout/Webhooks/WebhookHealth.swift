import Commerce
import EventSourcing
import Synchronization

/// How the sending of webhooks fares on this node, for metrics. The counters only grow.
public final class WebhookHealth: Sendable {
    private struct State {
        var delivered: UInt64 = 0
        var failed: UInt64 = 0
        var waiting: [WebhookProgressID: Timestamp] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Events that an endpoint has taken, those sent again included.
    public var delivered: UInt64 { state.withLock { $0.delivered } }
    /// Attempts at which an endpoint has not taken an event.
    public var failed: UInt64 { state.withLock { $0.failed } }
    /// When the oldest event was first tried that waits to be tried again; nil when none does.
    public var oldest: Timestamp? { state.withLock { $0.waiting.values.min() } }

    func note(_ aside: [WebhookDelivery], of lane: WebhookProgressID) {
        state.withLock { $0.waiting[lane] = aside.map(\.firstAt).min() }
    }

    func note(_ outcome: WebhookOutcome) {
        state.withLock { state in
            if outcome == .taken { state.delivered += 1 } else { state.failed += 1 }
        }
    }
}
