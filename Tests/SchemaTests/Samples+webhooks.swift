import Commerce
import EventSourcing
import Schema

enum WebhooksSamples: Samples {
    typealias A = Webhooks
    static let name = "webhooks"
    static let id = WebhooksID()
    static let endpoint = WebhookID(at: .noon, slot: .catalogue, random: 0x5151)
    static let settings = WebhookEndpoint.Settings(
        url: "https://hooks.example:8443/in?a=b", types: ["OrderPlaced", "OrderShipped"], description: "bôoks",
        isEnabled: true)
    static let disabled = WebhookEndpoint.Settings(
        url: "https://hooks.example/", types: [], description: "", isEnabled: false)
    static let secret = WebhookSecret([UInt8](repeating: 0x41, count: WebhookSecret.length))
    static let newer = WebhookSecret([UInt8](repeating: 0x42, count: WebhookSecret.length))
    static let events: [(label: String, event: Webhooks.Event)] = [
        ("added", .added(endpoint, settings, secret: secret, at: .noon)),
        ("changed", .changed(endpoint, disabled, at: .noon)),
        ("secret-rotated", .secretRotated(endpoint, to: newer, previousUntil: .noon + Webhooks.overlap)),
        ("given-up-gone", .givenUp(endpoint, .gone)),
        ("given-up-failing", .givenUp(endpoint, .failing)),
        ("given-up-behind", .givenUp(endpoint, .behind)),
        ("removed", .removed(endpoint)),
    ]
    static let stories: [(label: String, events: [Webhooks.Event])] = [
        ("added", [.added(endpoint, settings, secret: secret, at: .noon)]),
        ("rotated-and-gone", [
            .added(endpoint, settings, secret: secret, at: .noon),
            .secretRotated(endpoint, to: newer, previousUntil: .noon + Webhooks.overlap), .givenUp(endpoint, .gone),
        ]),
    ]
}

enum WebhookProgressSamples: Samples {
    typealias A = WebhookProgress
    static let name = "webhook-progress"
    static let id = WebhookProgressID(endpoint: WebhooksSamples.endpoint, source: ShardID(3))
    static let place = EventPlace(index: LogIndex(300), number: 2)
    static let later = EventPlace(index: LogIndex(301), number: 1)
    static func delivery(_ place: EventPlace) -> WebhookDelivery {
        WebhookDelivery(
            place: place, name: "OrderPlaced", firstAt: .noon, attempts: 1, dueAt: .noon + .seconds(5),
            cause: WebhookCause(rawValue: 503))
    }
    static let advanced = WebhookProgress.Event.advanced(
        to: LogIndex(302), takenAt: .noon, aside: [delivery(place), delivery(later)])
    static let postponed = WebhookProgress.Event.postponed(place, until: .noon + .seconds(300), .unanswered)
    static let events: [(label: String, event: WebhookProgress.Event)] = [
        ("began", .began(since: .noon, after: LogIndex(298))),
        ("advanced", .advanced(to: LogIndex(299), takenAt: nil, aside: [])),
        ("advanced-with-aside", advanced),
        ("taken", .taken(later, at: .noon)),
        ("postponed", postponed),
        ("failed", .failed(place, .expired)),
        ("replayed", .replayed([place, later], at: .noon)),
        ("ended", .ended),
    ]
    static let stories: [(label: String, events: [WebhookProgress.Event])] = [
        ("begun", [.began(since: .noon, after: LogIndex(298))]),
        ("aside-and-failed", [
            .began(since: .noon, after: LogIndex(298)), advanced, postponed, .failed(later, .address),
        ]),
        ("ended", [.began(since: .noon, after: LogIndex(298)), advanced, .ended]),
    ]
}
