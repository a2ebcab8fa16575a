import Accounts
import ActorSystem
import EventSourcing

/// What proves who a caller is: the keys that tokens are signed with, the sessions that have ended, and the pool that
/// hashes passwords.
public struct Identity: Sendable {
    public let verifier: TokenVerifier
    /// Keeps keys and ended sessions up to the logs, while a service runs it.
    public let credentials: CredentialFollower
    /// Whether what this node knows of tokens is new enough; nil on a node alone, which knows everything there is.
    let freshness: CredentialFreshness?
    let issuer: TokenIssuer
    let hasher: PasswordHasher
    let policy: PasswordPolicy
    /// The newest first.
    let refreshSecrets: [RefreshSecret]
    /// How long a wrong password waits for its answer: see `PasswordCheck`.
    let failurePause: Duration
    public static let failurePauseStandard = Duration.milliseconds(250)
    /// How long after the end of a session an access token of it may be good.
    let tokenLife: Duration
    /// How long after a key has been replaced a token of it may be good.
    let keyLife: Duration
    private let clock: @Sendable () -> Timestamp

    var ended: EndedSessions { credentials.ended }

    /// - Parameters:
    ///   - secrets: what refresh tokens are replaced with, the newest first.
    ///   - isAlone: whether no other node can end a session.
    public init(
        of shards: ShardMap, secrets: [RefreshSecret], isAlone: Bool = true,
        tokens: AccessTokenConfiguration = AccessTokenConfiguration(),
        passwords: PasswordHasher.Configuration = PasswordHasher.Configuration(),
        policy: PasswordPolicy = PasswordPolicy(), failurePause: Duration = Identity.failurePauseStandard,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.policy = policy
        self.failurePause = failurePause
        self.clock = clock
        tokenLife = tokens.lifetime + tokens.clockSkew
        keyLife = tokens.guestLifetime + tokens.clockSkew
        refreshSecrets = secrets
        let credentials = CredentialFollower(of: shards, life: tokenLife, clock: clock)
        self.credentials = credentials
        let freshness =
            isAlone ? nil : CredentialFreshness(of: credentials, monotonic: GatewayClock.system.monotonic)
        self.freshness = freshness
        verifier = TokenVerifier(tokens, keys: credentials.keys, ended: credentials.ended, freshness: freshness)
        issuer = TokenIssuer(tokens)
        hasher = PasswordHasher(passwords)
    }

    /// The public keys of all nodes, for `/.well-known/jwks.json` (RFC 7517).
    @Sendable public func jwks() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.array("keys") { json in
                for key in credentials.keys.all(now: clock()) { TokenPublicKey(key)?.writeJWK(to: &json) }
            }
        }
        return json.bytes
    }
}
