import Commerce
import EventSourcing

// What stays inside the shop: which requests were answered, who holds which name, how far a consumer has come, which
// keys tokens are signed with, how far the cluster has been upgraded, where events are sent.

extension IdempotencyKey: RetailAggregate {}

extension Claim: RetailAggregate where Name: ClaimedName {
    public static var label: String { Name.claimLabel }
}

extension ConsumerPosition: RetailAggregate {
    public static var label: String { "position" }
}

extension VerificationKey: RetailAggregate {
    public static var label: String { "token key" }
}

extension ClusterUpgrade: RetailAggregate {
    public static var label: String { "upgrade" }
}

extension Webhooks: RetailAggregate {
    public static var label: String { "webhooks" }
}

extension WebhookProgress: RetailAggregate {
    public static var label: String { "webhook" }
}
