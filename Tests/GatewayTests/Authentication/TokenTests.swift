import Commerce
import Crypto
import EventSourcing
import Foundation
import JWTKit
import Testing

@testable import Gateway

@Suite("Access tokens")
struct TokenTests {
    static let now = Timestamp(milliseconds: 1_763_874_631_000)

    struct Fixture {
        let ring: TokenKeyRing
        let issuer: TokenIssuer
        let verifier: TokenVerifier

        init(_ algorithms: [TokenAlgorithm], configuration: AccessTokenConfiguration = .init(), cacheMax: Int = 1_024)
            async throws
        {
            ring = TokenKeyRing(keys: try algorithms.map { try TokenKey(generating: $0) })
            issuer = try await TokenIssuer(configuration, keys: ring)
            verifier = try await TokenVerifier(configuration, keys: ring, cacheMax: cacheMax)
        }

        static func subject(_ role: Principal.Role) -> String {
            role == .guest ? CustomerID(at: TokenTests.now, slot: Slot(0), random: 0xbeef << 2).description : "cus_1"
        }

        func token(role: Principal.Role = .customer, at now: Timestamp = TokenTests.now) async throws -> String {
            try await issuer.issue(subject: Self.subject(role), role: role, sessionID: "ses_1", now: now).token
        }
    }

    @Test("a token tells who holds it, for both algorithms", arguments: TokenAlgorithm.allCases)
    func roundTrip(algorithm: TokenAlgorithm) async throws {
        let fixture = try await Fixture([algorithm])
        let token = try await fixture.token(role: .staff)
        let principal = try await fixture.verifier.verify(token, now: Self.now)
        #expect(
            principal
                == Principal(subject: "cus_1", role: .staff, sessionID: "ses_1", expiresAt: Self.now + .seconds(900)))
        #expect(fixture.verifier.remembered(token, now: Self.now) == principal)
    }

    @Test("a guest's token lives for a week, and no other does, whatever it says")
    func guests() async throws {
        let fixture = try await Fixture([.es256])
        let token = try await fixture.token(role: .guest)
        let late = Self.now + .seconds(604_799)
        #expect(try await fixture.verifier.verify(token, now: late).role == .guest)
        await #expect(throws: TokenVerifier.Refusal.expired) {
            try await fixture.verifier.verify(token, now: Self.now + .seconds(604_800))
        }
        let account = CustomerID(at: Self.now, slot: Slot(0), random: 1 << 40).description
        for subject in [account, "cus_1"] {
            let token = try await fixture.issuer.issue(
                subject: subject, role: .guest, sessionID: "s", now: Self.now).token
            await #expect(throws: TokenVerifier.Refusal.invalid, "a guest's token of no guest") {
                try await fixture.verifier.verify(token, now: Self.now)
            }
        }
        var configuration = AccessTokenConfiguration()
        configuration.lifetime = configuration.guestLifetime
        let generous = try await TokenIssuer(configuration, keys: fixture.ring)
        let long = try await generous.issue(subject: "cus_1", role: .customer, sessionID: "s", now: Self.now).token
        await #expect(throws: TokenVerifier.Refusal.invalid) {
            try await fixture.verifier.verify(long, now: Self.now)
        }
    }

    @Test("a token names its client and has an id of its own (RFC 9068); one of before, without either, is still good")
    func identifiers() async throws {
        let ring = TokenKeyRing(keys: [try TokenKey(generating: .es256)])
        let issuer = try await TokenIssuer(.init(), keys: ring)
        var ids: Set<String> = []
        for _ in 0..<3 {
            let token = try await issuer.issue(subject: "c", role: .customer, sessionID: "s", now: Self.now).token
            let claims = try #require(Base64.url.decode(token.split(separator: ".")[1].utf8))
            let members = try #require(try JSONSerialization.jsonObject(with: Data(claims)) as? [String: Any])
            #expect(members["client_id"] as? String == "cloudretail-shop")
            ids.insert(try #require(members["jti"] as? String))
        }
        #expect(ids.count == 3 && ids.allSatisfy { $0.utf8.count == 22 })
        let collection = JWTKeyCollection()
        let key = try ES256PrivateKey(pem: ring.signing.pem)
        await collection.add(ecdsa: key, kid: JWKIdentifier(string: ring.signing.id))
        let seconds = Self.now.milliseconds / 1_000
        let old = AccessClaims(
            iss: "cloudretail", aud: "cloudretail-api", sub: "c", role: "customer", sid: "s", iat: seconds,
            exp: seconds + 900)
        let token = try await collection.sign(
            old, kid: JWKIdentifier(string: ring.signing.id), header: ["typ": .string(AccessClaims.type)])
        #expect(try await TokenVerifier(.init(), keys: ring).verify(token, now: Self.now).subject == "c")
    }

    @Test("a token ends when it says, remembered or not")
    func expiry() async throws {
        let fixture = try await Fixture([.es256])
        let token = try await fixture.token()
        let last = Self.now + .milliseconds(899_999)
        _ = try await fixture.verifier.verify(token, now: last)
        #expect(fixture.verifier.remembered(token, now: last + .milliseconds(1)) == nil)
        await #expect(throws: TokenVerifier.Refusal.expired) {
            try await fixture.verifier.verify(token, now: last + .milliseconds(1))
        }
        await #expect(throws: TokenVerifier.Refusal.invalid) {
            try await fixture.verifier.verify(token, now: Timestamp(milliseconds: 1_000_000))
        }
    }

    /// Signs any header and claims with a key of the ring.
    func forge(_ ring: TokenKeyRing, header: String, claims: String) throws -> String {
        let input = Base64.url.encode(header.utf8) + "." + Base64.url.encode(claims.utf8)
        let pem = ring.signing.pem
        let signature: [UInt8] =
            switch ring.signing.algorithm {
            case .es256:
                [UInt8](
                    try P256.Signing.PrivateKey(pemRepresentation: pem).signature(for: Data(input.utf8))
                        .rawRepresentation)
            case .eddsa: [UInt8](repeating: 0, count: 64)
            }
        return input + "." + Base64.url.encode(signature)
    }

    func claims(_ changes: [String: Any] = [:], without: String? = nil) throws -> String {
        var claims: [String: Any] = [
            "iss": "cloudretail", "aud": "cloudretail-api", "sub": "cus_1", "role": "customer", "sid": "ses_1",
            "iat": 1_763_874_631, "exp": 1_763_875_531,
        ]
        claims.merge(changes) { $1 }
        if let without { claims[without] = nil }
        return String(decoding: try JSONSerialization.data(withJSONObject: claims), as: UTF8.self)
    }

    @Test("a well-made token of our key passes, so that the refusals below have one cause each")
    func control() async throws {
        let fixture = try await Fixture([.es256])
        let header = #"{"alg":"ES256","kid":"\#(fixture.ring.signing.id)","typ":"at+jwt"}"#
        let token = try forge(fixture.ring, header: header, claims: claims())
        #expect(try await fixture.verifier.verify(token, now: Self.now).subject == "cus_1")
    }

    @Test(
        "claims that are not exactly ours are refused",
        arguments: [
            ("iss", "other"), ("aud", "other"), ("aud", ["cloudretail-api"]), ("sub", ""), ("sub", 7), ("role", "root"),
            ("role", NSNull()), ("iat", -1),
            ("iat", 1_763_874_800), ("exp", 1_763_875_532), ("exp", 9_223_372_036_854_775_807), ("exp", "1763875531"),
            ("exp", 1.5e300),
        ] as [(String, any Sendable)])
    func wrongClaims(name: String, value: any Sendable) async throws {
        let fixture = try await Fixture([.es256])
        let header = #"{"alg":"ES256","kid":"\#(fixture.ring.signing.id)","typ":"at+jwt"}"#
        let token = try forge(fixture.ring, header: header, claims: claims([name: value]))
        await #expect(throws: TokenVerifier.Refusal.invalid) { try await fixture.verifier.verify(token, now: Self.now) }
        let without = try forge(fixture.ring, header: header, claims: claims(without: name))
        await #expect(throws: TokenVerifier.Refusal.invalid) {
            try await fixture.verifier.verify(without, now: Self.now)
        }
    }

    @Test(
        "headers that are not exactly ours are refused, whoever signed",
        arguments: [
            #"{"alg":"none","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":"es256","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"ES256","typ":"at+jwt"}"#,
            #"{"alg":"ES256","kid":"other","typ":"at+jwt"}"#,
            #"{"alg":"ES256","kid":"KID","typ":"JWT"}"#, #"{"alg":"ES256","kid":"KID"}"#,
            #"{"kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":"ES256","kid":"KID","typ":"at+jwt","crit":["x"]}"#,
            #"{"alg":"ES256","kid":"KID","typ":"at+jwt","jwk":{}}"#,
            #"{"alg":"none","alg":"ES256","kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":["ES256"],"kid":"KID","typ":"at+jwt"}"#, "[]", "{", "",
        ])
    func wrongHeader(header: String) async throws {
        let fixture = try await Fixture([.es256])
        let token = try forge(
            fixture.ring, header: header.replacing("KID", with: fixture.ring.signing.id), claims: claims())
        await #expect(throws: TokenVerifier.Refusal.invalid) { try await fixture.verifier.verify(token, now: Self.now) }
    }

    @Test("a token altered at any one character is refused")
    func altered() async throws {
        let fixture = try await Fixture([.es256])
        let token = [UInt8](try await fixture.token().utf8)
        for position in token.indices {
            var altered = token
            altered[position] = altered[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: altered, as: UTF8.self)
            await #expect(throws: TokenVerifier.Refusal.invalid, "\(position)") {
                try await fixture.verifier.verify(text, now: Self.now)
            }
        }
    }

    @Test(
        "text that is no token is refused",
        arguments: ["", ".", "..", "a.b.c", "....", String(repeating: "A", count: 100_000), "é.é.é"])
    func noToken(text: String) async throws {
        let fixture = try await Fixture([.es256])
        await #expect(throws: TokenVerifier.Refusal.invalid) { try await fixture.verifier.verify(text, now: Self.now) }
    }

    @Test("a stripped signature and another node's key are refused")
    func otherKey() async throws {
        let fixture = try await Fixture([.es256])
        let other = try await Fixture([.es256])
        let token = try await fixture.token()
        let stripped = token.split(separator: ".").dropLast().joined(separator: ".") + "."
        await #expect(throws: TokenVerifier.Refusal.invalid) {
            try await fixture.verifier.verify(stripped, now: Self.now)
        }
        await #expect(throws: TokenVerifier.Refusal.invalid) { try await other.verifier.verify(token, now: Self.now) }
    }

    @Test("what is remembered stays bounded, and bad tokens are not remembered")
    func bounded() async throws {
        let cache = TokenCache(countMax: 64)
        for number in 0..<5_000 {
            let principal = Principal(
                subject: "\(number)", role: .customer, sessionID: "s", expiresAt: Self.now + .seconds(Int64(number % 7))
            )
            cache.remember("token\(number)", principal, now: Self.now)
        }
        #expect(cache.count <= 64)
        #expect(
            cache.principal(of: "token4999", now: Self.now) == nil
                || cache.principal(of: "token4999", now: Self.now)?.subject == "4999")
        let fixture = try await Fixture([.es256])
        _ = try? await fixture.verifier.verify("a.b.c", now: Self.now)
        #expect(fixture.verifier.remembered("a.b.c", now: Self.now) == nil)
    }

    @Test(
        "the JWK set holds the public halves, and a stranger can verify a token with it",
        arguments: TokenAlgorithm.allCases)
    func jwks(algorithm: TokenAlgorithm) async throws {
        let fixture = try await Fixture([algorithm, .es256])
        let keys = fixture.ring.keys.map { String(decoding: $0.jwk, as: UTF8.self) }
        let text = #"{"keys":[\#(keys.joined(separator: ","))]}"#
        #expect(!text.contains("\"d\""))
        let stranger = JWTKeyCollection()
        try await stranger.add(jwksJSON: text)
        let claims = try await stranger.verify(fixture.token(), as: AccessClaims.self)
        #expect(claims.sub == "cus_1")
    }

    @Test("a key's id is the thumbprint of RFC 7638")
    func thumbprint() throws {
        let key = try TokenKey(generating: .es256)
        let members = try #require(try JSONSerialization.jsonObject(with: Data(key.jwk)) as? [String: String])
        let canonical = #"{"crv":"P-256","kty":"EC","x":"\#(members["x"]!)","y":"\#(members["y"]!)"}"#
        #expect(members["x"]?.count == 43 && members["y"]?.count == 43)
        #expect(key.id == Base64.url.encode(SHA256.hash(data: Data(canonical.utf8))))
        #expect(TokenKey(pem: key.pem)?.id == key.id)
    }
}

@Suite("Key files")
struct TokenKeyFileTests {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID())").path

    @Test("a first start makes a key with mode 0600, and later starts find it")
    func firstStart() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try TokenKeyRing.open(directory: directory, now: TokenTests.now)
        #expect(first.keys.count == 1)
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first)
        let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try TokenKeyRing.open(directory: directory, now: TokenTests.now).signing.id == first.signing.id)
    }

    @Test("rotation signs with the new key, verifies with the old, and drops it when its tokens have ended")
    func rotation() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let old = try TokenKeyRing.open(directory: directory, now: TokenTests.now)
        let token = try await TokenIssuer(.init(), keys: old).issue(
            subject: "c", role: .customer, sessionID: "s", now: TokenTests.now
        ).token
        let later = TokenTests.now + .seconds(10)
        try TokenKeyRing.rotate(directory: directory, algorithm: .eddsa, now: later, tokenLifetime: .seconds(900))
        let both = try TokenKeyRing.open(directory: directory, now: later)
        #expect(both.keys.map(\.algorithm) == [.eddsa, .es256])
        #expect(both.keys[1].id == old.signing.id)
        #expect(try await TokenVerifier(.init(), keys: both).verify(token, now: later).subject == "c")
        let muchLater = later + .seconds(901)
        try TokenKeyRing.rotate(directory: directory, now: muchLater, tokenLifetime: .seconds(900))
        let ring = try TokenKeyRing.open(directory: directory, now: muchLater)
        #expect(ring.keys.count == 2 && !ring.keys.contains { $0.id == old.signing.id })
    }

    @Test("a key that others may read, and a file that is no key, are refused with the path")
    func refused() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try TokenKeyRing.open(directory: directory, now: TokenTests.now)
        let path = directory + "/" + (try FileManager.default.contentsOfDirectory(atPath: directory))[0]
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect { try TokenKeyRing.open(directory: directory, now: TokenTests.now) } throws: {
            "\($0)".contains("chmod 600 \(path)")
        }
        try FileManager.default.removeItem(atPath: path)
        try SecretFile.create(path, [UInt8]("nonsense".utf8))
        #expect { try TokenKeyRing.open(directory: directory, now: TokenTests.now) } throws: {
            "\($0)".contains("is no private key")
        }
        #expect(throws: SecretFile.Failure.self) { try SecretFile.create(path, [1]) }
    }

    @Test("a directory of keys that others may look into is refused with the path", arguments: [0o755, 0o710, 0o702])
    func exposedDirectory(mode: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try TokenKeyRing.open(directory: directory, now: TokenTests.now)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory)
        #expect { try TokenKeyRing.open(directory: directory, now: TokenTests.now) } throws: {
            "\($0)".contains("chmod 700 \(directory)")
        }
    }
}
