import EventSourcing

/// By what a service knows the shop. The secret goes into signatures and nowhere else: neither text made of it nor a
/// mirror shows it.
public struct CloudCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public let accessKeyID: String
    let secretKey: String
    let sessionToken: String?
    /// From then on the service refuses them; nil for those that have no end.
    public let expiry: Timestamp?

    public init(accessKeyID: String, secretKey: String, sessionToken: String? = nil, expiry: Timestamp? = nil) {
        self.accessKeyID = accessKeyID
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiry = expiry
    }

    public var description: String { "credentials of \(accessKeyID)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
