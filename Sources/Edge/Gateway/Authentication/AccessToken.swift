import Commerce
import EventSourcing
import JWTKit
import Synchronization

/// What access tokens say about themselves; the issuer writes it and the verifier insists on it.
public struct AccessTokenConfiguration: Sendable {
    /// The token's `iss`.
    public var issuer = "cloudretail"
    /// The token's `aud`.
    public var audience = "cloudretail-api"
    /// The token's `client_id`: the shop's own log-in is the only client that gets tokens.
    public var clientID = "cloudretail-shop"
    /// How long a token lives. It cannot be taken back before, so it is short; sessions are ended by refusing the next
    /// refresh.
    public var lifetime = Duration.seconds(900)
    /// How long a guest's token lives: there is no refreshing it, and nothing in it to take back.
    public var guestLifetime = Guest.lifetime
    /// How far a node's clock may be ahead of another's.
    public var clockSkew = Duration.seconds(60)

    public init() {}

    func lifetime(of role: Principal.Role) -> Duration { role == .guest ? guestLifetime : lifetime }
}

/// The claims of an access token (RFC 9068), `typ` being `at+jwt`.
struct AccessClaims: JWTPayload, Equatable {
    var iss: String
    var aud: String
    var sub: String
    var role: String
    var sid: String
    /// Optional to read: tokens of before have neither.
    var jti: String?
    var clientID: String?
    /// The account's session epoch; absent in the first.
    var epoch: UInt64?
    /// Unix seconds.
    var iat: Int64
    var exp: Int64

    static let type = "at+jwt"

    enum CodingKeys: String, CodingKey {
        case iss, aud, sub, role, sid, jti, epoch, iat, exp
        case clientID = "client_id"
    }

    /// The verifier checks the claims itself, against a clock that it is given.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// Signs access tokens, with a key that every node can know of by then.
public final class TokenIssuer: Sendable {
    private struct Signer: Sendable {
        let key: TokenKey
        let collection: JWTKeyCollection
    }

    public let configuration: AccessTokenConfiguration
    /// Nil before the first key of this node is published.
    private let signer = Mutex<Signer?>(nil)

    public init(_ configuration: AccessTokenConfiguration) { self.configuration = configuration }

    /// Signs with `key` from now on, whose public half is in the log.
    func sign(with key: TokenKey) async {
        let collection = JWTKeyCollection()
        let id = JWKIdentifier(string: key.id)
        switch key.pair {
        case .es256(let key): await collection.add(ecdsa: key, kid: id)
        case .eddsa(let key): await collection.add(eddsa: key, kid: id)
        }
        signer.withLock { $0 = Signer(key: key, collection: collection) }
    }

    /// The id of the key that signs; nil before there is one.
    var signing: String? { signer.withLock { $0?.key.id } }

    /// A token for a session, or for a guest.
    ///
    /// - Returns: the text, and the moment when it ends.
    /// - Throws: 503 before a key of this node is published.
    public func issue(
        subject: String, role: Principal.Role, sessionID: String, epoch: UInt64 = 0, now: Timestamp
    ) async throws -> (token: String, expiresAt: Timestamp) {
        guard let signer = signer.withLock({ $0 }) else { throw Problem(.notReady).retry(after: .seconds(1)) }
        let issuedAt = now.milliseconds / 1_000
        let expiresAt = issuedAt + configuration.lifetime(of: role).components.seconds
        let claims = AccessClaims(
            iss: configuration.issuer, aud: configuration.audience, sub: subject, role: role.rawValue, sid: sessionID,
            jti: Self.newID(), clientID: configuration.clientID, epoch: epoch > 0 ? epoch : nil, iat: issuedAt,
            exp: expiresAt)
        let token = try await signer.collection.sign(
            claims, kid: JWKIdentifier(string: signer.key.id), header: ["typ": .string(AccessClaims.type)])
        return (token, Timestamp(milliseconds: expiresAt * 1_000))
    }

    /// 128 random bits: no two tokens have the same.
    private static func newID() -> String {
        withUnsafeBytes(of: (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))) {
            Base64.url.encode(Array($0))
        }
    }
}
