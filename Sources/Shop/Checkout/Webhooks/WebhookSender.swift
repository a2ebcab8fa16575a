import Commerce
import EventSourcing

/// What carries one event to one endpoint.
public protocol WebhookSender: Sendable {
    /// Tries once, within a time limit of its own.
    ///
    /// - Throws: `CancellationError` alone.
    func send(_ event: FeedEvent, to endpoint: WebhookEndpoint) async throws -> WebhookOutcome
}

/// How an attempt ended.
public enum WebhookOutcome: Sendable, Equatable {
    case taken
    /// The endpoint wants no more events.
    case gone
    /// Refused, unanswered, or not sent for its address.
    case failed(reason: String)
}
