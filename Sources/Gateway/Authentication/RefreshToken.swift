import Crypto

/// A refresh token: the session that it belongs to, and 256 random bits that only its holder knows.
///
/// In text `<session id>.<43 characters of base64url>`, so that the session's shard is found without an index. Only the
/// SHA-256 of the secret is stored: it has the full entropy, so that no slow hash is needed.
public struct RefreshToken: Sendable {
    public let sessionID: String
    private let secret: [UInt8]

    static let secretLength = 32
    /// Ids have 30 characters; whatever is longer is not read.
    static let sessionIDLengthMax = 64

    /// A new token for a session.
    public init(issuedFor sessionID: String) {
        self.sessionID = sessionID
        secret = .random(count: Self.secretLength)
    }

    /// Reads a token; nil when it is none. Whether it is valid only the session knows.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.sessionIDLengthMax).contains(parts[0].count),
            parts[1].count <= 43, let secret = Base64.url.decode(parts[1]), secret.count == Self.secretLength,
            let sessionID = String(parts[0])
        else { return nil }
        self.sessionID = sessionID
        self.secret = secret
    }

    /// What goes to the client, once.
    public var text: String { sessionID + "." + Base64.url.encode(secret) }

    /// What is stored, and compared.
    public var digest: [UInt8] { [UInt8](SHA256.hash(data: secret)) }
}
