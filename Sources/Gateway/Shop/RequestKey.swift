import Commerce
import Crypto
import EventSourcing
import HTTPTypes
import Hummingbird

/// The idempotency of one request: its key within the caller's and the route's scope, and what it asked for.
struct RequestKey: Sendable {
    let digest: Digest256
    /// Of the body's bytes: the same key with other bytes is another request.
    let fingerprint: Digest256

    /// Printable ASCII, as every library generates them.
    static let lengthMax = 255
    private static let textBytesExpected = 128

    /// - Parameter scope: the route and whatever else the body does not say, such as the path.
    /// - Returns: nil when the request has no `Idempotency-Key`.
    init?(_ request: Request, scope: String, principal: Principal, body: [UInt8]) throws(Problem) {
        try self.init(request, scope: scope, caller: principal.subject, body: body)
    }

    /// - Parameters:
    ///   - caller: whose key it is; two callers' keys never meet.
    ///   - body: what is compared. Without passwords: a plain digest of one must not be kept.
    init?(_ request: Request, scope: String, caller: String, body: [UInt8]) throws(Problem) {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...Self.lengthMax).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Problem(.idempotencyKeyInvalid, "It has 1 to \(Self.lengthMax) printable ASCII characters.")
        }
        var text: [UInt8] = []
        text.reserveCapacity(Self.textBytesExpected)
        // The lengths keep two different triples from reading as one text.
        for part in [caller, scope, key] {
            text.appendDecimal(Int64(part.utf8.count))
            text.append(UInt8(ascii: ":"))
            text.append(contentsOf: part.utf8)
        }
        digest = Digest256(sha256: SHA256.hash(data: text))
        fingerprint = Digest256(sha256: SHA256.hash(data: body))
    }

    func id(on slot: Slot) -> IdempotencyKeyID { IdempotencyKeyID(slot: slot, digest: digest) }
}

extension Digest256 {
    /// SHA-256 has 32 bytes.
    init(sha256: SHA256.Digest) { self = sha256.withUnsafeBytes { Digest256($0)! } }
}
