import Commerce
import JWTKit
import Synchronization

/// The keys out of the log as JWTKit wants them, one collection for each, so that a token is read with the key that its
/// header names and with no other.
final class TokenReaders: Sendable {
    /// Far more than the nodes of a cluster have; past it any one is read anew.
    private static let countMax = 256

    private let readers = Mutex<[VerificationKeyID: JWTKeyCollection]>([:])

    /// Reads tokens of `key`; nil when what is published is no key.
    func reader(of key: VerificationKey) async -> JWTKeyCollection? {
        if let known = readers.withLock({ $0[key.id] }) { return known }
        guard let publicKey = TokenPublicKey(key) else { return nil }
        let collection = JWTKeyCollection()
        let id = JWKIdentifier(string: publicKey.id)
        switch publicKey.key {
        case .es256(let key): await collection.add(ecdsa: key, kid: id)
        case .eddsa(let key): await collection.add(eddsa: key, kid: id)
        }
        await collection.clearDefault()
        readers.withLock { readers in
            if readers.count >= Self.countMax, let any = readers.keys.first { readers[any] = nil }
            readers[key.id] = collection
        }
        return collection
    }
}
