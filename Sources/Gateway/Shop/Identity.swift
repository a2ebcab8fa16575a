import EventSourcing

/// What proves who somebody is: the keys that tokens are signed with, and the pool that hashes passwords.
public struct Identity: Sendable {
    public let verifier: TokenVerifier
    let issuer: TokenIssuer
    let hasher: PasswordHasher
    let ended: EndedSessions
    /// The public keys, for `/.well-known/jwks.json`.
    public let jwks: [UInt8]

    public init(
        keys: TokenKeyRing, tokens: AccessTokenConfiguration = AccessTokenConfiguration(),
        passwords: PasswordHasher.Configuration = PasswordHasher.Configuration()
    ) async throws {
        ended = EndedSessions()
        verifier = try await TokenVerifier(tokens, keys: keys, ended: ended)
        issuer = try await TokenIssuer(tokens, keys: keys)
        hasher = PasswordHasher(passwords)
        jwks = keys.jwks
    }
}
