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

    private let opensPrivate: Bool
    private let clock: @Sendable () -> Timestamp
    private let clients = WebhookClients()
    private let logger: Logger

    /// - Parameter opensPrivate: lets endpoints be in private networks, and plain `http`: for development.
    public init(opensPrivate: Bool, clock: @escaping @Sendable () -> Timestamp, logger: Logger) {
        self.opensPrivate = opensPrivate
        self.clock = clock
        self.logger = logger
    }

    /// Closes the connections. Nothing may be sent any more.
    public func shutdown() async { await clients.close() }

    public func send(_ message: WebhookMessage, to endpoint: WebhookEndpoint) async throws -> WebhookOutcome {
        do {
            return try await attempt(request(message, to: endpoint))
        } catch {
            try Task.checkCancellation()
            logger.info(
                "A webhook was not sent", metadata: ["endpoint": "\(endpoint.id)", "reason": .string("\(error)")])
            return .failed(error is CheckedAddress.Refusal ? .address : .unanswered)
        }
    }

    private func request(_ message: WebhookMessage, to endpoint: WebhookEndpoint) -> HTTPClientRequest {
        let now = clock()
        let seconds = now.milliseconds / 1_000
        var request = HTTPClientRequest(url: endpoint.settings.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/cloudevents+json", "user-agent": "cloudretail", "webhook-id": message.id,
            "webhook-timestamp": "\(seconds)",
            "webhook-signature": WebhookSignature.header(
                id: message.id, timestamp: seconds, body: message.body, secrets: endpoint.secrets(at: now)),
        ]
        request.body = .bytes(ByteBuffer(string: message.body))
        return request
    }

    private func attempt(_ request: HTTPClientRequest) async throws -> WebhookOutcome {
        let opensPrivate = opensPrivate
        return try await withThrowingTaskGroup(of: WebhookOutcome.self) { group in
            group.addTask { [clients] in
                let address = try await CheckedAddress.find(request.url, opensPrivate: opensPrivate)
                let client = try await clients.client(for: address)
                let answer = try await client.execute(request, timeout: TimeAmount(Self.timeLimit))
                _ = try? await answer.body.collect(upTo: Self.answerBytesMax)
                switch answer.status.code {
                case 200..<300: return .taken
                case 410: return .gone
                default: return .failed(WebhookCause(rawValue: UInt16(clamping: answer.status.code)))
                }
            }
            // The client's own limit ends with the head of the answer.
            group.addTask {
                try await Task.sleep(for: Self.timeLimit)
                return .failed(.unanswered)
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }
}
