import Commerce
import Crypto
import EventSourcing
import Foundation
import JWTKit

/// The algorithms that a token may be signed with. There is no other, whatever a token's header says.
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    case es256 = "ES256"
    case eddsa = "EdDSA"

    init(_ algorithm: VerificationKey.Algorithm) {
        switch algorithm {
        case .es256: self = .es256
        case .eddsa: self = .eddsa
        }
    }
}

/// What is public of a key for access tokens. Its id is its thumbprint (RFC 7638).
struct TokenPublicKey: Sendable {
    enum Key: Sendable {
        case es256(ES256PublicKey)
        case eddsa(EdDSA.PublicKey)
    }

    let key: Key
    let algorithm: TokenAlgorithm
    /// The thumbprint, as the log names the key.
    let verificationID: VerificationKeyID
    /// The bytes of the thumbprint in base64url; the token's `kid`.
    let id: String
    /// As the log has it: two coordinates of P-256, or one point of Ed25519.
    let raw: [UInt8]

    init(_ key: ES256PublicKey) {
        // JWTKit gives standard base 64 with padding here.
        let parameters = key.parameters
        func coordinate(_ text: String?) -> [UInt8] { Array(Data(base64Encoded: Self.padded(text ?? "")) ?? Data()) }
        self.init(.es256(key), .es256, raw: coordinate(parameters?.x) + coordinate(parameters?.y))
    }

    init(_ key: EdDSA.PublicKey) { self.init(.eddsa(key), .eddsa, raw: Array(key.rawRepresentation)) }

    /// Reads a key out of the log; nil when it is none, or not the one that its id names.
    init?(_ published: VerificationKey) {
        guard let publication = published.publication else { return nil }
        switch publication.algorithm {
        case .es256:
            guard let point = try? P256.Signing.PublicKey(rawRepresentation: publication.publicKey),
                let key = try? ES256PublicKey(backing: point)
            else { return nil }
            self.init(key)
        case .eddsa:
            guard let point = try? Curve25519.Signing.PublicKey(rawRepresentation: publication.publicKey) else {
                return nil
            }
            self.init(EdDSA.PublicKey(backing: point))
        }
        guard verificationID == published.id else { return nil }
    }

    private init(_ key: Key, _ algorithm: TokenAlgorithm, raw: [UInt8]) {
        self.key = key
        self.algorithm = algorithm
        self.raw = raw
        var json = JSONWriter()
        json.object { json in Self.write(Self.members(algorithm, raw), to: &json) }
        let digest = SHA256.hash(data: json.bytes)
        verificationID = VerificationKeyID(Digest256(sha256: digest))
        id = Base64.url.encode(digest)
    }

    private static func padded(_ text: String) -> String {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
    }

    /// What the log tells of the key.
    ///
    /// - Parameter node: the number of the node that has the private half.
    func publication(by node: UInt64) -> VerificationKey.Publication? {
        VerificationKey.Publication(by: node, algorithm == .es256 ? .es256 : .eddsa, raw)
    }

    // MARK: - JWK

    /// The members of the JWK that make up the thumbprint, sorted by name.
    private static func members(_ algorithm: TokenAlgorithm, _ raw: [UInt8]) -> [(name: String, value: String)] {
        switch algorithm {
        case .es256:
            let (x, y) = (raw.prefix(raw.count / 2), raw.suffix(raw.count / 2))
            return [
                ("crv", "P-256"), ("kty", "EC"), ("x", Base64.url.encode(x)), ("y", Base64.url.encode(y)),
            ]
        case .eddsa: return [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64.url.encode(raw))]
        }
    }

    /// Writes the key as a JWK (RFC 7517).
    func writeJWK(to json: inout JSONWriter) {
        json.object { json in
            Self.write(Self.members(algorithm, raw), to: &json)
            json.field("kid", id)
            json.field("alg", algorithm.rawValue)
            json.field("use", "sig")
        }
    }

    private static func write(_ members: [(name: String, value: String)], to json: inout JSONWriter) {
        for member in members {
            json.key(escaping: member.name)
            json.value(member.value)
        }
    }
}
