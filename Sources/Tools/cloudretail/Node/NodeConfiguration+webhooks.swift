import Checkout

/// The settings of how a node sends webhooks.
extension NodeConfiguration {
    struct WebhookSettings: Sendable, Equatable {
        var opensPrivate = false
        var schedule = WebhookSchedule.standard
    }

    static let webhooksPrivateAddresses = Setting(
        "webhooks-private-addresses", default: "refuse",
        "`allow` lets webhook endpoints be in private networks, and plain http: for development. The same on every "
            + "node.")
    static let webhooksRetries = Setting(
        "webhooks-retries", default: "5s,5m,30m,2h,5h,10h,10h",
        "The pauses before an event is sent again that an endpoint has not taken.")

    static let webhookTable = [webhooksPrivateAddresses, webhooksRetries]

    static func webhooks(_ text: (Setting) -> String) throws -> WebhookSettings {
        func value<Value>(_ setting: Setting, _ parse: (String) -> Value?) throws -> Value {
            guard let value = parse(text(setting)) else { throw Invalid(setting: setting, value: text(setting)) }
            return value
        }
        return WebhookSettings(
            opensPrivate: try value(webhooksPrivateAddresses) { ["allow": true, "refuse": false][$0] },
            schedule: try value(webhooksRetries, schedule))
    }

    private static func schedule(_ text: String) -> WebhookSchedule? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let pauses = parts.compactMap { Duration(setting: $0) }
        guard pauses.count == parts.count, pauses.count <= WebhookSchedule.pausesMax else { return nil }
        return WebhookSchedule(pauses: pauses)
    }
}
