import Crypto
import Foundation

/// What replacements of refresh tokens are made with. It is drawn from the keys that sign access tokens, so that every
/// node that has those makes the same replacement of a token, and makes it again after a restart; nothing is stored.
struct RefreshSecret: Sendable {
    private let key: SymmetricKey

    init(_ key: TokenKey) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(key.pem.utf8)), info: Data("refresh token rotation".utf8),
            outputByteCount: 32)
    }

    func rotation(after token: RefreshToken) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data(token.text.utf8), using: key))
    }
}
