import Crypto
import EventSourcing
import Foundation

@testable import Gateway

/// Makes tokens that no node has issued, out of one that a node has: whatever it says about itself otherwise, each
/// differs from it in one thing.
struct TokenForge {
    /// The header fields with which a token is sent.
    struct Forgery: Sendable, CustomStringConvertible {
        let description: String
        let authorizations: [String]

        init(_ description: String, _ token: String) {
            self.description = description
            authorizations = ["Bearer " + token]
        }

        init(_ description: String, fields: String...) {
            self.description = description
            authorizations = fields
        }
    }

    private let ring: TokenKeyRing
    private let genuine: String
    private let header: [String: Any]
    private let claims: [String: Any]
    private let now: Int

    init(_ genuine: String, ring: TokenKeyRing, now: Timestamp) throws {
        self.ring = ring
        self.genuine = genuine
        self.now = Int(now.milliseconds / 1_000)
        let parts = genuine.split(separator: ".")
        header = try Self.object(parts[0])
        claims = try Self.object(parts[1])
    }

    func all() throws -> [Forgery] {
        try unsigned() + otherAlgorithms() + otherKeys() + keyIDs() + wrongClaims() + headers() + damaged() + fields()
    }

    // MARK: - Signatures

    private func unsigned() throws -> [Forgery] {
        try ["none", "None", "NONE", "nOnE"].map { name in
            Forgery("alg \(name)", try input(header.with("alg", name), claims) + ".")
        } + [
            Forgery("alg none with a signature", try signed(header.with("alg", "none"), claims)),
            Forgery("no signature", genuine.split(separator: ".").dropLast().joined(separator: ".")),
            Forgery("an empty signature", genuine.split(separator: ".").dropLast().joined(separator: ".") + "."),
            Forgery("a signature of zeros", try input(header, claims) + "." + encode(Array(repeating: 0, count: 64))),
        ]
    }

    /// A public key is no secret: who takes it for one lets everyone sign.
    private func otherAlgorithms() throws -> [Forgery] {
        let key = try signingKey.publicKey
        let secrets: [(String, Data)] = [
            ("PEM", Data(key.pemRepresentation.utf8)), ("DER", key.derRepresentation),
            ("point", key.x963Representation), ("JWK set", Data(ring.signing.jwk)), ("nothing", Data()),
        ]
        return try secrets.map { name, secret in
            let input = try input(header.with("alg", "HS256"), claims)
            let code = HMAC<SHA256>.authenticationCode(for: Data(input.utf8), using: SymmetricKey(data: secret))
            return Forgery("HS256 with the public key as \(name)", input + "." + encode(Array(code)))
        } + [
            Forgery("ES384 in the header", try signed(header.with("alg", "ES384"), claims)),
            Forgery("EdDSA in the header", try signed(header.with("alg", "EdDSA"), claims)),
        ]
    }

    private func otherKeys() throws -> [Forgery] {
        let other = P256.Signing.PrivateKey()
        let edwards = Curve25519.Signing.PrivateKey()
        let raw = other.publicKey.rawRepresentation
        let jwk: [String: Any] = [
            "kty": "EC", "crv": "P-256", "x": encode(Array(raw.prefix(32))), "y": encode(Array(raw.suffix(32))),
        ]
        let input = try input(header.with("alg", "EdDSA"), claims)
        return [
            Forgery("another key", try signed(header, claims, by: other)),
            Forgery("another key and more claims", try signed(header, claims.with("admin", true), by: other)),
            Forgery("another key in the header", try signed(header.with("jwk", jwk), claims, by: other)),
            Forgery("another key behind a URL", try signed(
                header.with("jku", "https://example.org/jwks.json"), claims, by: other)),
            Forgery("another key's certificate", try signed(header.with("x5c", ["AAAA"]), claims, by: other)),
            Forgery("another kind of key", input + "." + encode(Array(try edwards.signature(for: Data(input.utf8))))),
        ]
    }

    private func keyIDs() throws -> [Forgery] {
        let other = P256.Signing.PrivateKey()
        let ids: [(String, Any?)] = [
            ("no key id", nil), ("an empty key id", ""), ("an unknown key id", "unknown"), ("a path", "../../dev/null"),
            ("a number", 7), ("SQL", "' OR 1=1 --"), ("a list", [ring.signing.id]),
        ]
        return try ids.map { name, id in Forgery("\(name) for a key id", try signed(header.with("kid", id), claims)) }
            + [Forgery("an unknown key id and its key", try signed(header.with("kid", "mine"), claims, by: other))]
    }

    // MARK: - Claims

    private func wrongClaims() throws -> [Forgery] {
        let changes: [(String, String, Any?)] = [
            ("expired", "exp", now - 1), ("expired long ago", "exp", 1), ("not yet issued", "iat", now + 3_600),
            ("good for years", "exp", now + 365 * 86_400), ("for another audience", "aud", "other"),
            ("for a list of audiences", "aud", ["cloudretail-api", "other"]), ("by another issuer", "iss", "other"),
            ("of an empty subject", "sub", ""), ("of a role that is none", "role", "root"),
            ("of all roles", "role", ["admin"]),
            ("that ends in words", "exp", "tomorrow"),
        ]
        let missing = ["iss", "aud", "sub", "role", "sid", "iat", "exp"]
        return try changes.map { Forgery($0.0, try signed(header, claims.with($0.1, $0.2))) }
            + missing.map { Forgery("without \($0)", try signed(header, claims.with($0, nil))) }
            + [
                try changed("the role", "role", "admin"), try changed("the subject", "sub", "cus_other"),
                try changed("the session", "sid", "ses_other"), try changed("the end", "exp", now + 600),
            ]
    }

    /// The claims are others than those that were signed.
    private func changed(_ what: String, _ name: String, _ value: Any) throws -> Forgery {
        let parts = genuine.split(separator: ".")
        return Forgery("\(what) changed after signing", "\(parts[0]).\(try text(claims.with(name, value))).\(parts[2])")
    }

    private func headers() throws -> [Forgery] {
        [
            Forgery("no type", try signed(header.with("typ", nil), claims)),
            Forgery("the type of another token", try signed(header.with("typ", "JWT"), claims)),
            Forgery("a critical extension", try signed(header.with("crit", ["b64"]), claims)),
            Forgery("a header that is a list", encode(Array("[]".utf8)) + "." + (try text(claims)) + ".AAAA"),
        ]
    }

    // MARK: - Text

    private func damaged() throws -> [Forgery] {
        let parts = genuine.split(separator: ".").map(String.init)
        let signature = try signingKey.signature(for: Data("\(parts[0]).\(parts[1])".utf8))
        return [
            Forgery("one character less", String(genuine.dropLast())),
            Forgery("half of it", String(genuine.prefix(genuine.count / 2))),
            Forgery("a fourth part", genuine + ".AAAA"),
            Forgery("a dot behind it", genuine + "."),
            Forgery("padding", genuine + "=="),
            Forgery("a signature in DER", "\(parts[0]).\(parts[1]).\(encode(Array(signature.derRepresentation)))"),
            Forgery("parts in another order", "\(parts[1]).\(parts[0]).\(parts[2])"),
            Forgery("encoded twice", encode(Array(genuine.utf8))),
            Forgery("no token", "x"),
            Forgery("dots", ".."),
        ]
    }

    private func fields() -> [Forgery] {
        [
            Forgery("another scheme", fields: "Basic " + genuine),
            Forgery("no scheme", fields: genuine),
            Forgery("a scheme alone", fields: "Bearer"),
            Forgery("two tokens in one field", fields: "Bearer \(genuine) \(genuine)"),
            Forgery("two tokens with a comma", fields: "Bearer \(genuine), Bearer \(genuine)"),
            Forgery("two fields", fields: "Bearer " + genuine, "Bearer " + genuine),
            Forgery("a bad field behind a good one", fields: "Bearer " + genuine, "Bearer x"),
            Forgery("a good field behind a bad one", fields: "Bearer x", "Bearer " + genuine),
        ]
    }

    // MARK: - Making

    private var signingKey: P256.Signing.PrivateKey {
        get throws { try P256.Signing.PrivateKey(pemRepresentation: ring.signing.pem) }
    }

    private func signed(
        _ header: [String: Any], _ claims: [String: Any], by key: P256.Signing.PrivateKey? = nil
    ) throws -> String {
        let input = try input(header, claims)
        let signature = try (key ?? signingKey).signature(for: Data(input.utf8))
        return input + "." + encode(Array(signature.rawRepresentation))
    }

    private func input(_ header: [String: Any], _ claims: [String: Any]) throws -> String {
        "\(try text(header)).\(try text(claims))"
    }

    private func text(_ object: [String: Any]) throws -> String {
        encode(Array(try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)))
    }

    private func encode(_ bytes: [UInt8]) -> String { Base64.url.encode(bytes) }

    private static func object(_ part: Substring) throws -> [String: Any] {
        let standard = String(part).replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
        let data = Data(base64Encoded: padded) ?? Data()
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}

extension [String: Any] {
    /// The same with another value; nil takes it out.
    fileprivate func with(_ name: String, _ value: Any?) -> [String: Any] {
        var changed = self
        changed[name] = value
        return changed
    }
}
