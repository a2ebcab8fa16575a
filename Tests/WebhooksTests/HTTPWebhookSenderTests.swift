import Checkout
import CloudTesting
import Commerce
import EventSourcing
import Foundation
import Logging
import Testing

@testable import Webhooks

/// Against a receiver that verifies with the standard's own library.
@Suite("A webhook", .timeLimit(.minutes(10))) struct HTTPWebhookSenderTests {
    private static let secret = WebhookSecret([UInt8](repeating: 0x41, count: WebhookSecret.length))
    private static let message = WebhookMessage(
        id: "evt_0-17-1",
        body: #"{"specversion":"1.0","id":"0.17.1","source":"/cloudretail","type":"OrderPlaced","subject":"é"}"#)

    @Test("is taken, refused, unanswered or unwanted as the receiver says, and no redirect is followed")
    func outcomes() async throws {
        try await Self.with(opensPrivate: true) { sender, receiver in
            func outcome(_ path: String) async throws -> WebhookOutcome {
                try await sender.send(Self.message, to: Self.endpoint(receiver.url + path))
            }
            #expect(try await outcome("/in") == .taken)
            let delivery = try #require(try receiver.deliveries().first)
            #expect(delivery.bad == nil && delivery.id == Self.message.id && delivery.event?.id == "0.17.1")
            #expect(try await outcome("/410") == .gone)
            for status in [302, 308, 400, 503] as [UInt16] {
                #expect(try await outcome("/\(status)") == .failed(WebhookCause(rawValue: status)))
            }
            #expect(try receiver.deliveries().count == 1)
            try await receiver.stop()
            #expect(try await outcome("/in") == .failed(.unanswered))
            try await receiver.restart()
            #expect(try await outcome("/in") == .taken)
        }
    }

    @Test("is not sent to where no endpoint may be, however the address is written")
    func closed() async throws {
        try await Self.with(opensPrivate: false) { sender, receiver in
            let port = try #require(receiver.url.split(separator: ":").last)
            for host in ["127.0.0.1", "localhost", "127.1", "2130706433"] {
                for url in ["https://\(host):\(port)/in", "http://\(host):\(port)/in"] {
                    #expect(try await sender.send(Self.message, to: Self.endpoint(url)) == .failed(.address), "\(url)")
                }
            }
            #expect(try receiver.deliveries().isEmpty)
        }
    }

    private static func endpoint(_ url: String) -> WebhookEndpoint {
        WebhookEndpoint(
            id: WebhookID(at: .zero, slot: .catalogue, random: 4),
            .init(url: url, types: [], description: "", isEnabled: true), secret: secret, since: .zero)
    }

    private static func with(
        opensPrivate: Bool, _ body: (HTTPWebhookSender, WebhookReceiver) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "webhooks-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let receiver = try await WebhookReceiver(in: folder)
        try receiver.use("whsec_" + Data(secret.bytes).base64EncodedString())
        let sender = HTTPWebhookSender(
            opensPrivate: opensPrivate,
            clock: { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1_000)) },
            logger: Logger(label: "webhooks", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await body(sender, receiver)
        await sender.shutdown()
        try await receiver.stop()
    }
}
