import EventSourcing

/// The endpoints of a shop: one aggregate, so that their number is limited in one place.
public struct Webhooks: Aggregate, Equatable {
    public let id: WebhooksID
    /// In the order in which they were made.
    public package(set) var endpoints: [WebhookEndpoint] = []

    /// Each reads every log for itself.
    public static let endpointsMax = 16
    /// How long two secrets sign, so that a receiver can be given the newer one without haste.
    public static let overlap = Duration.seconds(24 * 3_600)

    public init(id: WebhooksID) { self.id = id }

    public enum Command: Sendable, Equatable {
        case add(WebhookID, WebhookEndpoint.Settings, secret: WebhookSecret)
        case change(WebhookID, WebhookEndpoint.Settings)
        case rotateSecret(WebhookID, to: WebhookSecret)
        /// Without effect where the endpoint is gone, disabled or at another address by now.
        case giveUp(WebhookID, at: String, WebhookEndpoint.Fault)
        case remove(WebhookID)
    }

    public enum Event: Sendable, Equatable {
        case added(WebhookID, WebhookEndpoint.Settings, secret: WebhookSecret, at: Timestamp)
        case changed(WebhookID, WebhookEndpoint.Settings, at: Timestamp)
        case secretRotated(WebhookID, to: WebhookSecret, previousUntil: Timestamp)
        case givenUp(WebhookID, WebhookEndpoint.Fault)
        case removed(WebhookID)
    }

    public enum Refusal: UInt8, Error, Sendable, Equatable, CaseIterable {
        case tooMany = 1
        case notFound = 2
    }

    public func endpoint(_ id: WebhookID) -> WebhookEndpoint? { endpoints.first { $0.id == id } }

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .add(let id, let settings, let secret):
            guard endpoint(id) == nil else { return [] }
            guard endpoints.count < Self.endpointsMax else { throw .tooMany }
            return [.added(id, settings, secret: secret, at: now)]
        case .change(let id, let settings):
            guard let endpoint = endpoint(id) else { throw .notFound }
            return endpoint.settings == settings ? [] : [.changed(id, settings, at: now)]
        case .rotateSecret(let id, let secret):
            guard let endpoint = endpoint(id) else { throw .notFound }
            return endpoint.secret == secret
                ? [] : [.secretRotated(id, to: secret, previousUntil: now + Self.overlap)]
        case .giveUp(let id, let url, let fault):
            guard let settings = endpoint(id)?.settings, settings.isEnabled, settings.url == url else { return [] }
            return [.givenUp(id, fault)]
        case .remove(let id):
            guard endpoint(id) != nil else { throw .notFound }
            return [.removed(id)]
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .added(let id, let settings, let secret, let now):
            endpoints.append(WebhookEndpoint(id: id, settings, secret: secret, since: now))
        case .changed(let id, let settings, let now):
            change(id) { endpoint in
                if settings.isEnabled, !endpoint.settings.isEnabled { endpoint.since = now }
                if settings.isEnabled { endpoint.fault = nil }
                endpoint.settings = settings
            }
        case .secretRotated(let id, let secret, let end):
            change(id) { endpoint in
                endpoint.previous = .init(secret: endpoint.secret, until: end)
                endpoint.secret = secret
            }
        case .givenUp(let id, let fault):
            change(id) { endpoint in
                endpoint.settings.isEnabled = false
                endpoint.fault = fault
            }
        case .removed(let id): endpoints.removeAll { $0.id == id }
        }
    }

    private mutating func change(_ id: WebhookID, _ body: (inout WebhookEndpoint) -> Void) {
        guard let place = endpoints.firstIndex(where: { $0.id == id }) else {
            preconditionFailure("an endpoint changes that there is not: \(id)")
        }
        body(&endpoints[place])
    }
}

/// The id of the one list of endpoints.
public struct WebhooksID: AggregateID {
    private static let byte: UInt8 = 0

    public init() {}

    public var slot: Slot { .catalogue }

    public func encode(into bytes: inout [UInt8]) { bytes.append(Self.byte) }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.elementsEqual([Self.byte]) else { return nil }
    }

    public var description: String { "of the shop" }
}
