import AsyncHTTPClient
import Checkout
import Commerce
import EventSourcing
import Foundation
import Logging
import NIOCore

/// Sends events as Standard Webhooks 1.0 says: https://github.com/standard-webhooks/standard-webhooks
///
/// Where the endpoint's name leads is looked up and checked before each attempt, and a connection is made to exactly
/// that address. No redirect is followed.
public final class HTTPWebhookSender: WebhookSender {
    /// An attempt, with everything: the most that the standard recommends is twice of it.
    static let timeLimit = Duration.seconds(15)
    /// Nothing of an answer's body is of interest; a short one is read so that the connection can be used again.
    static let answerBytesMax = 16 << 10

    private let describe: @Sendable (FeedEvent) -> String
    private let opensPrivate: Bool
    private let clock: @Sendable () -> Timestamp
    private let clients = WebhookClients()
    private let logger: Logger

    /// - Parameters:
    ///   - opensPrivate: lets endpoints be in private networks, and plain `http`: for development.
    ///   - describe: an event as an object of JSON.
    public init(
        opensPrivate: Bool, clock: @escaping @Sendable () -> Timestamp, logger: Logger,
        describe: @escaping @Sendable (FeedEvent) -> String
    ) {
        self.opensPrivate = opensPrivate
        self.clock = clock
        self.logger = logger
        self.describe = describe
    }

    /// Closes the connections. Nothing may be sent any more.
    public func shutdown() async { await clients.close() }

    public func send(_ event: FeedEvent, to endpoint: WebhookEndpoint) async throws -> WebhookOutcome {
        let message = message(of: event, to: endpoint)
        let outcome: WebhookOutcome
        do {
            outcome = try await attempt(message)
        } catch {
            try Task.checkCancellation()
            outcome = .failed(reason: "\(error)")
        }
        if case .failed(let reason) = outcome {
            logger.info(
                "A webhook was not taken", metadata: ["endpoint": "\(endpoint.id)", "reason": .string(reason)])
        }
        return outcome
    }

    private func message(of event: FeedEvent, to endpoint: WebhookEndpoint) -> HTTPClientRequest {
        let now = clock()
        // A full stop separates what is signed.
        let id = "evt_" + event.id.replacing(".", with: "-")
        let seconds = now.milliseconds / 1_000
        let body = describe(event)
        var message = HTTPClientRequest(url: endpoint.settings.url)
        message.method = .POST
        message.headers = [
            "content-type": "application/cloudevents+json", "user-agent": "cloudretail", "webhook-id": id,
            "webhook-timestamp": "\(seconds)",
            "webhook-signature": WebhookSignature.header(
                id: id, timestamp: seconds, body: body, secrets: endpoint.secrets(at: now)),
        ]
        message.body = .bytes(ByteBuffer(string: body))
        return message
    }

    private func attempt(_ message: HTTPClientRequest) async throws -> WebhookOutcome {
        let opensPrivate = opensPrivate
        return try await withThrowingTaskGroup(of: WebhookOutcome.self) { group in
            group.addTask { [clients] in
                let address = try await CheckedAddress.find(message.url, opensPrivate: opensPrivate)
                let client = try await clients.client(for: address)
                let answer = try await client.execute(message, timeout: TimeAmount(Self.timeLimit))
                _ = try? await answer.body.collect(upTo: Self.answerBytesMax)
                switch answer.status.code {
                case 200..<300: return .taken
                case 410: return .gone
                default: return .failed(reason: "answered \(answer.status.code)")
                }
            }
            // The client's own limit ends with the head of the answer.
            group.addTask {
                try await Task.sleep(for: Self.timeLimit)
                return .failed(reason: "not answered within \(Self.timeLimit)")
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }
}
