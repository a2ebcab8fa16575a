import Commerce
import EventSourcing
import Synchronization

/// Which endpoints the lanes of one shard send to, as they were last seen.
final class WebhookBoard: Sendable {
    private let endpoints = Mutex<[WebhookID: WebhookEndpoint]>([:])

    /// Takes in which endpoints there are.
    ///
    /// - Returns: those that are enabled and were not, or were enabled anew: each wants a lane.
    func take(_ all: [WebhookEndpoint]) -> [WebhookEndpoint] {
        let enabled = all.filter(\.settings.isEnabled)
        return endpoints.withLock { endpoints in
            let before = endpoints
            endpoints = Dictionary(uniqueKeysWithValues: enabled.map { ($0.id, $0) })
            return enabled.filter { before[$0.id]?.since != $0.since }
        }
    }

    /// Takes in what has become of those that have a lane.
    func update(_ all: [WebhookEndpoint]) {
        endpoints.withLock { endpoints in
            for (id, before) in endpoints {
                endpoints[id] = all.first { $0.id == id && $0.since == before.since && $0.settings.isEnabled }
            }
        }
    }

    /// The endpoint as it is now; nil once it is told of nothing, or was enabled anew.
    func endpoint(_ id: WebhookID, since: Timestamp) -> WebhookEndpoint? {
        endpoints.withLock { endpoints in endpoints[id].flatMap { $0.since == since ? $0 : nil } }
    }
}
