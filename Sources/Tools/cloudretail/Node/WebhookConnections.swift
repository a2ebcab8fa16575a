import ServiceLifecycle
import Webhooks

/// Closes the connections to webhook endpoints once no event is sent any more.
struct WebhookConnections: Service {
    let sender: HTTPWebhookSender

    func run() async throws {
        try? await gracefulShutdown()
        await sender.shutdown()
    }
}
