import Commerce
import EventSourcing

/// What an endpoint is sent.
public struct WebhookMessage: Sendable {
    /// The same at each attempt; without a full stop, which separates what is signed.
    public let id: String
    /// A CloudEvent in JSON.
    public let body: String

    public init(id: String, body: String) {
        self.id = id
        self.body = body
    }
}

/// What carries one message to one endpoint.
public protocol WebhookSender: Sendable {
    /// Tries once, within a time limit of its own.
    ///
    /// - Throws: `CancellationError` alone.
    func send(_ message: WebhookMessage, to endpoint: WebhookEndpoint) async throws -> WebhookOutcome
}

/// How an attempt ended.
public enum WebhookOutcome: Sendable, Equatable {
    case taken
    /// The endpoint has answered 410: it wants no more events.
    case gone
    case failed(WebhookCause)
}
