import Accounts
import Commerce
import EventSourcing
import JWTKit

/// Tells who holds an access token.
///
/// A signature costs 200 µs to check; a token that was good is remembered until it ends (3 µs). Bad ones are not
/// remembered: strangers could fill any table with them, so the gateway charges them to the sender's address.
public struct TokenVerifier: Sendable {
    public enum Refusal: Error, Equatable {
        /// Not a token of ours, whatever the reason: forged, altered, of another kind, for another audience.
        case invalid
        case expired
        /// Its session has ended.
        case sessionEnded
    }

    /// Ours have about 400 bytes.
    static let lengthMax = 2_048

    private let configuration: AccessTokenConfiguration
    private let keys: VerificationKeys
    private let readers = TokenReaders()
    private let freshness: CredentialFreshness?
    private let cache: TokenCache
    let ended: EndedSessions

    /// - Parameters:
    ///   - keys: of all nodes.
    ///   - ended: sessions whose tokens are no longer taken.
    ///   - freshness: whether both are new enough; nil where no other node changes them.
    ///   - cacheMax: tokens remembered, about 1 KB each.
    public init(
        _ configuration: AccessTokenConfiguration, keys: VerificationKeys, ended: EndedSessions = EndedSessions(),
        cacheMax: Int = 16_384, freshness: CredentialFreshness? = nil
    ) {
        self.configuration = configuration
        self.keys = keys
        self.ended = ended
        self.freshness = freshness
        cache = TokenCache(countMax: cacheMax)
    }

    /// Refuses every token while this node may not have heard which of them are good no more.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Throws: 503.
    func requireFresh(now: Int64) throws(Problem) {
        guard let freshness, !freshness.isFresh(at: now) else { return }
        throw Problem(.noLeader).retry(after: .seconds(1))
    }

    /// The holder of a token that was verified before and has not ended; nil when that is not known.
    public func remembered(_ token: String, now: Timestamp) -> Principal? {
        cache.principal(of: token, now: now).flatMap { ended.refuses($0) ? nil : $0 }
    }

    /// The holder of a token.
    public func verify(_ token: String, now: Timestamp) async throws(Refusal) -> Principal {
        if let principal = remembered(token, now: now) { return principal }
        let (key, reader) = try await reader(of: try readHeader(token), now: now)
        let claims: AccessClaims
        do { claims = try await reader.verify(token, as: AccessClaims.self) } catch { throw .invalid }
        let principal = try check(claims, now: now)
        guard isGood(key, for: principal.role, now: now) else { throw .invalid }
        guard !ended.refuses(principal) else { throw .sessionEnded }
        cache.remember(token, principal, now: now)
        return principal
    }

    /// What a header says of the key.
    private struct Header {
        let key: VerificationKeyID
        let algorithm: String
    }

    /// Refuses by the header alone, before any cryptography: our type, our keys, each with its own algorithm.
    private func readHeader(_ token: String) throws(Refusal) -> Header {
        guard token.utf8.count <= Self.lengthMax else { throw .invalid }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64.url.decode(parts[0]), Base64.url.decode(parts[1]) != nil,
            let signature = Base64.url.decode(parts[2]), signature.count == 64,
            let members = (try? JSONDocument(header))?.root.members
        else { throw .invalid }
        var fields: [String: String] = [:]
        for (name, value) in members {
            // Whatever else a header may say (`crit`, `jwk`, `x5c`, `jku`), ours do not.
            guard ["alg", "kid", "typ"].contains(name), let text = value.string else { throw .invalid }
            fields[name] = text
        }
        guard let id = fields["kid"].flatMap({ Base64.url.decode($0.utf8) }).flatMap({ Digest256($0) }),
            let algorithm = fields["alg"], fields["typ"]?.lowercased() == AccessClaims.type
        else { throw .invalid }
        return Header(key: VerificationKeyID(id), algorithm: algorithm)
    }

    /// Another node may have published the key a moment ago.
    private func reader(
        of header: Header, now: Timestamp
    ) async throws(Refusal) -> (VerificationKey, JWTKeyCollection) {
        var key = keys.key(header.key, now: now)
        if key == nil, let freshness {
            await freshness.next(of: .catalogue)
            key = keys.key(header.key, now: now)
        }
        guard let key, let publication = key.publication,
            header.algorithm == TokenAlgorithm(publication.algorithm).rawValue,
            let reader = await readers.reader(of: key)
        else { throw .invalid }
        return (key, reader)
    }

    /// Whether a token of this role may have been signed with `key`. One that has been replaced is good until the last
    /// guest's token of it ends; all others have ended long before, and the key of old is of no use to forge one.
    private func isGood(_ key: VerificationKey, for role: Principal.Role, now: Timestamp) -> Bool {
        guard let end = key.endsAt else { return true }
        return now + (configuration.guestLifetime - configuration.lifetime(of: role)) < end
    }

    private func check(_ claims: AccessClaims, now: Timestamp) throws(Refusal) -> Principal {
        let skew = configuration.clockSkew.components.seconds
        guard claims.iss == configuration.issuer, claims.aud == configuration.audience, !claims.sub.isEmpty,
            let role = Principal.Role(rawValue: claims.role),
            (0...now.milliseconds / 1_000 + skew).contains(claims.iat), claims.exp >= claims.iat,
            claims.exp - claims.iat <= configuration.lifetime(of: role).components.seconds,
            role != .guest || CustomerID(claims.sub).map(Guest.canBe) == true
        else { throw .invalid }
        let expiresAt = Timestamp(milliseconds: claims.exp * 1_000)
        guard now < expiresAt else { throw .expired }
        return Principal(subject: claims.sub, role: role, sessionID: claims.sid, epoch: claims.epoch ?? 0,
            expiresAt: expiresAt)
    }
}

extension TokenVerifier.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .invalid: Problem(.invalidToken)
        case .sessionEnded: Problem(.invalidToken, "Its session has ended.")
        case .expired: Problem(.expiredToken)
        }
    }
}
