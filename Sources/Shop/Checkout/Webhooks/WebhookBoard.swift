import Commerce
import EventSourcing
import Synchronization

/// How far each endpoint has got with the log of one shard, and which of them there are.
///
/// Invariant: an endpoint that is enabled has a place, from which its lane reads.
final class WebhookBoard: Sendable {
    private struct Place {
        /// As it is to be told of events.
        let endpoint: WebhookEndpoint
        var seen: LogIndex
    }

    private struct State {
        var places: [WebhookID: Place] = [:]
        var hasSent = false
    }

    private let state = Mutex(State())

    /// Takes in which endpoints there are.
    ///
    /// - Parameter start: where an endpoint begins that there was not.
    /// - Returns: those that are new, or not as they were: each wants a lane.
    func take(_ endpoints: [WebhookEndpoint], from start: LogIndex) -> [WebhookEndpoint] {
        state.withLock { state in
            let enabled = endpoints.filter(\.settings.isEnabled)
            let changed = enabled.filter { state.places[$0.id]?.endpoint != $0 }
            let before = state.places
            state.places = Dictionary(
                uniqueKeysWithValues: enabled.map { ($0.id, Place(endpoint: $0, seen: before[$0.id]?.seen ?? start)) })
            return changed
        }
    }

    /// Whether `endpoint` is to be told of events, and as it is here.
    func isCurrent(_ endpoint: WebhookEndpoint) -> Bool {
        state.withLock { $0.places[endpoint.id]?.endpoint == endpoint }
    }

    func seen(by endpoint: WebhookEndpoint) -> LogIndex? { state.withLock { $0.places[endpoint.id]?.seen } }

    /// `endpoint` needs nothing up to `index` any more.
    func advance(_ endpoint: WebhookEndpoint, to index: LogIndex, hasSent: Bool) {
        state.withLock { state in
            guard let place = state.places[endpoint.id], place.endpoint == endpoint, place.seen < index else { return }
            state.places[endpoint.id]?.seen = index
            if hasSent { state.hasSent = true }
        }
    }

    /// How far all endpoints have got, at most to `end`.
    func progress(upTo end: LogIndex) -> LogIndex {
        state.withLock { min(end, $0.places.values.map(\.seen).min() ?? end) }
    }

    /// Whether an event was sent since this was last asked.
    func takeHasSent() -> Bool {
        state.withLock { state in
            defer { state.hasSent = false }
            return state.hasSent
        }
    }
}
