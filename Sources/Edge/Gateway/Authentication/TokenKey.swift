import Crypto
import Foundation
import JWTKit

/// A key pair for access tokens. Its id is that of its public half.
public struct TokenKey: Sendable {
    enum Pair: Sendable {
        case es256(ES256PrivateKey)
        case eddsa(EdDSA.PrivateKey)
    }

    let pair: Pair
    let publicKey: TokenPublicKey

    public var id: String { publicKey.id }
    public var algorithm: TokenAlgorithm { publicKey.algorithm }

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
        publicKey =
            switch pair {
            case .es256(let key): TokenPublicKey(key.publicKey)
            case .eddsa(let key): TokenPublicKey(key.publicKey)
            }
    }

    /// The private key in PKCS #8 PEM.
    public var pem: String {
        switch pair {
        case .es256(let key): key.pemRepresentation
        case .eddsa(let key): key.pemRepresentation
        }
    }
}
