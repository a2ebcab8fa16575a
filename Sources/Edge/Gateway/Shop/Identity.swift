import Accounts
import ActorSystem
import EventSourcing

/// What proves who a caller is: the keys that tokens are signed with, and the pool that hashes passwords.
public struct Identity: Sendable {
    public let verifier: TokenVerifier
    let issuer: TokenIssuer
    let hasher: PasswordHasher
    let policy: PasswordPolicy
    let ended: EndedSessions
    /// The newest first.
    let refreshSecrets: [RefreshSecret]
    /// How long a wrong password waits for its answer: see `PasswordCheck`.
    let failurePause: Duration
    public static let failurePauseStandard = Duration.milliseconds(250)
    /// How long after the end of a session an access token of it may be good.
    let tokenLife: Duration
    /// The public keys, for `/.well-known/jwks.json`.
    public let jwks: [UInt8]

    public init(
        keys: TokenKeyRing, tokens: AccessTokenConfiguration = AccessTokenConfiguration(),
        passwords: PasswordHasher.Configuration = PasswordHasher.Configuration(),
        policy: PasswordPolicy = PasswordPolicy(), failurePause: Duration = Identity.failurePauseStandard
    ) async throws {
        self.policy = policy
        self.failurePause = failurePause
        tokenLife = tokens.lifetime + tokens.clockSkew
        refreshSecrets = keys.keys.map(RefreshSecret.init)
        ended = EndedSessions()
        verifier = try await TokenVerifier(tokens, keys: keys, ended: ended)
        issuer = try await TokenIssuer(tokens, keys: keys)
        hasher = PasswordHasher(passwords)
        jwks = keys.jwks
    }

    /// Refuses from now on the tokens of sessions that have ended, as the logs tell. Called before the node listens.
    public func recallEndings(from shards: ShardMap, now: Timestamp) async throws {
        try await ended.recall(from: shards, life: tokenLife, now: now)
    }
}
