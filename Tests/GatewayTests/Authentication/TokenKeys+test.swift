import Accounts
import Commerce
import EventSourcing
import JWTKit

@testable import Gateway

// What a node does with the log, for tests without one.

extension VerificationKeys {
    /// The public halves of `ring`, as they stand in the log.
    convenience init(of ring: TokenKeyRing) {
        self.init()
        for key in ring.keys.map(\.publicKey) {
            take(
                .published(key.publication(by: 1)!, endsAt: nil, at: TokenTests.now), of: key.verificationID,
                now: TokenTests.now)
        }
    }
}

extension TokenVerifier {
    init(_ configuration: AccessTokenConfiguration, keys ring: TokenKeyRing, cacheMax: Int = 1_024) {
        self.init(configuration, keys: VerificationKeys(of: ring), cacheMax: cacheMax)
    }
}

extension TokenIssuer {
    convenience init(_ configuration: AccessTokenConfiguration, keys ring: TokenKeyRing) async {
        self.init(configuration)
        await sign(with: ring.signing)
    }
}

extension TokenKey {
    /// The public half in JSON.
    var jwk: [UInt8] {
        var json = JSONWriter()
        publicKey.writeJWK(to: &json)
        return json.bytes
    }
}
