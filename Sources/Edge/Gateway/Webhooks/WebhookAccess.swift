import Checkout

/// How this node reaches webhook endpoints.
public struct WebhookAccess: Sendable {
    let sender: any WebhookSender
    /// Takes `http` too: the addresses are not those of the internet.
    let allowsPlain: Bool

    public init(sender: any WebhookSender, allowsPlain: Bool) {
        self.sender = sender
        self.allowsPlain = allowsPlain
    }
}
