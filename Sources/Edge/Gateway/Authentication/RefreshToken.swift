import Commerce
import Crypto

/// A refresh token: the session that it belongs to, and two secrets of 128 random bits that only its holder knows.
///
/// The first is the family's and stands in every token of the session, the second is new in each, made of the token
/// before and a secret of ours (`RefreshSecret`): see `RefreshTokenDigest`.
/// In text `<session id>.<43 characters of base64url>`, so that the session's shard is found
/// without an index. Only the secrets' SHA-256 is stored: they have the full entropy, so that no slow hash is needed.
public struct RefreshToken: Sendable {
    public let sessionID: String
    private let family: [UInt8]
    private let rotation: [UInt8]

    private static let halfLength = 16
    /// Ids have 30 characters; whatever is longer is not read.
    static let sessionIDLengthMax = 64

    /// The first token of a session.
    public init(issuedFor sessionID: String) {
        self.sessionID = sessionID
        family = .random(count: Self.halfLength)
        rotation = .random(count: Self.halfLength)
    }

    /// The token that takes the place of `token`, which is used up: the same however often it is made.
    init(replacing token: RefreshToken, with secret: RefreshSecret) {
        sessionID = token.sessionID
        family = token.family
        rotation = Array(secret.rotation(after: token).prefix(Self.halfLength))
    }

    /// Reads a token; nil when it is none. Whether it is valid only the session knows.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.sessionIDLengthMax).contains(parts[0].count),
            parts[1].count <= 43, let secret = Base64.url.decode(parts[1]), secret.count == 2 * Self.halfLength,
            let sessionID = String(parts[0])
        else { return nil }
        self.sessionID = sessionID
        family = Array(secret.prefix(Self.halfLength))
        rotation = Array(secret.suffix(Self.halfLength))
    }

    /// What goes to the client, once.
    public var text: String { sessionID + "." + Base64.url.encode(family + rotation) }

    /// What is stored, and compared.
    public var digest: RefreshTokenDigest {
        RefreshTokenDigest(
            family: Digest256(sha256: SHA256.hash(data: family)),
            rotation: Digest256(sha256: SHA256.hash(data: rotation)))
    }
}
