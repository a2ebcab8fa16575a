import Commerce
import EventSourcing

// Where events are sent, and how far each endpoint is: only a printed log tells of it, and no secret.

extension Webhooks: RetailAggregate {
    public static var label: String { "webhooks" }

    public static func innerName(of event: Event) -> String? {
        switch event {
        case .added: "WebhookAdded"
        case .changed: "WebhookChanged"
        case .secretRotated: "WebhookSecretRotated"
        case .givenUp: "WebhookGivenUp"
        case .removed: "WebhookRemoved"
        }
    }

    public static func describe(_ event: Event, of id: WebhooksID, state: Webhooks?, in fields: inout EventFields) {
        switch event {
        case .added(let endpoint, let settings, _, _), .changed(let endpoint, let settings, _):
            fields.append("id", endpoint)
            fields.append("url", settings.url)
            fields.append("types", settings.types)
            fields.append("description", settings.description)
            fields.append("enabled", settings.isEnabled)
        case .secretRotated(let endpoint, _, let until):
            fields.append("id", endpoint)
            fields.append("previous_until", until)
        case .givenUp(let endpoint, let fault):
            fields.append("id", endpoint)
            fields.append("fault", fault.publicCode)
        case .removed(let endpoint): fields.append("id", endpoint)
        }
    }
}

extension WebhookProgress: RetailAggregate {
    public static var label: String { "webhook" }

    public static func innerName(of event: Event) -> String? {
        switch event {
        case .began: "WebhookBegan"
        case .advanced: "WebhookAdvanced"
        case .taken: "WebhookDeliveryTaken"
        case .postponed: "WebhookDeliveryPostponed"
        case .failed: "WebhookDeliveryFailed"
        case .replayed: "WebhookDeliveriesReplayed"
        case .ended: "WebhookEnded"
        }
    }

    public static func describe(
        _ event: Event, of id: WebhookProgressID, state: WebhookProgress?, in fields: inout EventFields
    ) {
        switch event {
        case .began(let since, let index):
            fields.append("since", since)
            fields.append("position", index)
        case .advanced(let index, let takenAt, let aside):
            fields.append("position", index)
            fields.append("taken_at", takenAt)
            fields.append("aside", aside) { delivery, fields in
                fields.append(delivery.place)
                fields.append("type", delivery.name)
                fields.append("due_at", delivery.dueAt)
                fields.append(delivery.cause)
            }
        case .taken(let place, _): fields.append(place)
        case .postponed(let place, let until, let cause):
            fields.append(place)
            fields.append("due_at", until)
            fields.append(cause)
        case .failed(let place, let cause):
            fields.append(place)
            fields.append(cause)
        case .replayed(let places, _): fields.append("events", places) { $1.append($0) }
        case .ended: break
        }
    }
}

extension EventFields {
    fileprivate mutating func append(_ place: EventPlace) {
        append("index", place.index)
        append("number", place.number)
    }

    fileprivate mutating func append(_ cause: WebhookCause) {
        append("cause", cause.publicCode)
        if let status = cause.status { append("status", status) }
    }
}

extension WebhookEndpoint.Fault {
    /// As the interface and a printed log tell it.
    public var publicCode: String {
        switch self {
        case .gone: "gone"
        case .failing: "failing"
        case .behind: "behind"
        }
    }
}

extension WebhookCause {
    /// As the interface and a printed log tell it.
    public var publicCode: String {
        switch self {
        case .unanswered: "unanswered"
        case .expired: "expired"
        case .address: "address"
        default: "status"
        }
    }
}
