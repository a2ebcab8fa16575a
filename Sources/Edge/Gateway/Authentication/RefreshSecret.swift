import Crypto
import Foundation

/// What replacements of refresh tokens are made with: every node makes the same replacement of a token, and makes it
/// again after a restart; nothing is stored.
///
/// The nodes of a cluster draw it from the secret that they share. A node alone draws it from the keys that it signs
/// access tokens with.
public struct RefreshSecret: Sendable {
    private static let purpose = "refresh token rotation"

    private let key: SymmetricKey

    public init(_ secret: ClusterSecret) { key = secret.key(for: Self.purpose) }

    public init(_ key: TokenKey) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(key.pem.utf8)), info: Data(Self.purpose.utf8),
            outputByteCount: 32)
    }

    func rotation(after token: RefreshToken) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(token.text.utf8), using: key))
    }
}
