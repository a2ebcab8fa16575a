import EventSourcing

public enum WebhookKind: IdentifierKind { public static let prefix = "whk" }

/// Names an endpoint; its slot is 0, so that all of them live on shard 0.
public typealias WebhookID = Identifier<WebhookKind>

/// An address outside of the shop that is told of events, and the secrets that it is told them under.
public struct WebhookEndpoint: Sendable, Hashable {
    public let id: WebhookID
    public package(set) var settings: Settings
    /// Signs what is sent.
    public package(set) var secret: WebhookSecret
    /// The secret before, which signs beside the newer one for a while.
    public package(set) var previous: PreviousSecret?
    /// It is told of what is recorded from this moment on: when it was made, or enabled again.
    public package(set) var since: Timestamp
    /// Why the shop has disabled it; nil where it is enabled, or an administrator has.
    public package(set) var fault: Fault?

    public init(id: WebhookID, _ settings: Settings, secret: WebhookSecret, since: Timestamp) {
        self.id = id
        self.settings = settings
        self.secret = secret
        self.since = since
    }

    /// What an administrator says of an endpoint.
    public struct Settings: Sendable, Hashable {
        public var url: String
        /// The public names of the events that it is told of; empty for all.
        public var types: [String]
        public var description: String
        public var isEnabled: Bool

        public static let urlLengthMax = 2_048
        public static let descriptionLengthMax = 256
        /// More than there are kinds of events.
        public static let typesMax = 128

        public init(url: String, types: [String], description: String, isEnabled: Bool) {
            self.url = url
            self.types = types
            self.description = description
            self.isEnabled = isEnabled
        }
    }

    public struct PreviousSecret: Sendable, Hashable {
        public let secret: WebhookSecret
        public let until: Timestamp

        public init(secret: WebhookSecret, until: Timestamp) {
            self.secret = secret
            self.until = until
        }
    }

    /// Why the shop gives an endpoint up. The number stands in every log; it is never reused.
    public enum Fault: UInt8, Sendable, Hashable, CaseIterable {
        /// It has answered 410: it wants no more.
        case gone = 1
        /// It took an event at none of the attempts, and no other meanwhile.
        case failing = 2
        /// It takes events more slowly than they come, or none, and the log is not kept for it any longer.
        case behind = 3
    }

    /// The secrets that sign what is sent at `now`, the newest first.
    public func secrets(at now: Timestamp) -> [WebhookSecret] {
        [secret] + (previous.map { now < $0.until ? [$0.secret] : [] } ?? [])
    }
}
