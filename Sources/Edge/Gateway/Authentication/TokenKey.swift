import Crypto
import Foundation
import JWTKit

/// The algorithms that a token may be signed with. There is no other, whatever a token's header says.
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    case es256 = "ES256"
    case eddsa = "EdDSA"
}

/// A key pair for access tokens. Its id is the thumbprint of its public half (RFC 7638).
public struct TokenKey: Sendable {
    enum Pair: Sendable {
        case es256(ES256PrivateKey)
        case eddsa(EdDSA.PrivateKey)
    }

    public let id: String
    public let algorithm: TokenAlgorithm
    let pair: Pair
    /// The public half: the members of the JWK that make up the thumbprint, sorted by name.
    private let publicMembers: [(name: String, value: String)]

    /// A new key.
    public init(generating algorithm: TokenAlgorithm) throws {
        switch algorithm {
        case .es256: self.init(.es256(ES256PrivateKey()))
        case .eddsa: self.init(.eddsa(try EdDSA.PrivateKey()))
        }
    }

    /// Reads a private key in PKCS #8 PEM; nil when it is of no kind that we sign with.
    public init?(pem: String) {
        if let key = try? ES256PrivateKey(pem: pem) {
            self.init(.es256(key))
        } else if let key = try? EdDSA.PrivateKey(pem: pem) {
            self.init(.eddsa(key))
        } else {
            return nil
        }
    }

    private init(_ pair: Pair) {
        self.pair = pair
        switch pair {
        case .es256(let key):
            algorithm = .es256
            // JWTKit gives standard base 64 with padding here; a JWK has base64url.
            let parameters = key.publicKey.parameters
            func coordinate(_ text: String?) -> String {
                Base64.url.encode(Data(base64Encoded: Self.padded(text ?? "")) ?? Data())
            }
            publicMembers = [
                ("crv", "P-256"), ("kty", "EC"), ("x", coordinate(parameters?.x)), ("y", coordinate(parameters?.y)),
            ]
        case .eddsa(let key):
            algorithm = .eddsa
            publicMembers = [
                ("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64.url.encode(key.publicKey.rawRepresentation)),
            ]
        }
        var json = JSONWriter()
        json.object { [publicMembers] json in Self.write(publicMembers, to: &json) }
        id = Base64.url.encode(SHA256.hash(data: json.bytes))
    }

    private static func padded(_ text: String) -> String {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return standard + String(repeating: "=", count: (4 - standard.count % 4) % 4)
    }

    /// The private key in PKCS #8 PEM.
    public var pem: String {
        switch pair {
        case .es256(let key): key.pemRepresentation
        case .eddsa(let key): key.pemRepresentation
        }
    }

    /// Writes the public half as a JWK (RFC 7517).
    func writeJWK(to json: inout JSONWriter) {
        json.object { json in
            Self.write(publicMembers, to: &json)
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
