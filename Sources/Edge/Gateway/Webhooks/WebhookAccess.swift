import Checkout

/// How this node reaches webhook endpoints.
public struct WebhookAccess: Sendable {
    let sender: any WebhookSender
    /// Takes private networks and `http` too, for development.
    let opensPrivate: Bool

    public init(sender: any WebhookSender, opensPrivate: Bool) {
        self.sender = sender
        self.opensPrivate = opensPrivate
    }
}
