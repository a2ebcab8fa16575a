import Commerce
import Crypto
import EventSourcing
import HTTPTypes
import Hummingbird
import Steps

/// The idempotency of one request: its key within the caller's and the route's scope, and what it asked for.
struct RequestKey: Sendable {
    let digest: Digest256
    /// Of the body's bytes: the same key with other bytes is another request.
    let fingerprint: Digest256
    /// Where the key of a caller without an account lives.
    var anonymousSlot: Slot { Slot(hashing: digest.description) }

    /// Printable ASCII, as every library generates them.
    static let lengthMax = 255
    private static let textBytesExpected = 128

    /// - Parameter scope: the route and whatever else the body does not say, such as the SKU in the path: what is
    ///   meant, not the text of the path, which may be written in several ways.
    /// - Returns: nil when the request has no `Idempotency-Key`.
    init?(_ request: Request, scope: String, principal: Principal, body: [UInt8]) throws(Problem) {
        try self.init(request, scope: scope, caller: principal.subject, body: body)
    }

    /// - Parameters:
    ///   - caller: whose key it is; two callers' keys never meet.
    ///   - body: what is compared. Without passwords: a plain digest of one must not be kept.
    init?(_ request: Request, scope: String, caller: String, body: [UInt8]) throws(Problem) {
        let texts = request.headers[values: .idempotencyKey]
        guard let text = texts.first else { return nil }
        guard texts.count == 1 else { throw Problem(.idempotencyKeyInvalid, "It came \(texts.count) times.") }
        let key = Self.unquoted(text)
        guard (1...Self.lengthMax).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw Problem(.idempotencyKeyInvalid, "It has 1 to \(Self.lengthMax) printable ASCII characters.")
        }
        var scoped: [UInt8] = []
        scoped.reserveCapacity(Self.textBytesExpected)
        // The lengths keep two different triples from reading as one text.
        for part in [caller, scope, key] {
            scoped.appendDecimal(Int64(part.utf8.count))
            scoped.append(UInt8(ascii: ":"))
            scoped.append(contentsOf: part.utf8)
        }
        digest = Digest256(sha256: SHA256.hash(data: scoped))
        fingerprint = Digest256(sha256: SHA256.hash(data: body))
    }

    /// The key that a quoted string stands for (RFC 9651, section 3.3.3), which is the same as the bare one; any other
    /// text as it is.
    static func unquoted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return text }
        var key: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            if isEscaped {
                guard byte == quote || byte == backslash else { return text }
                key.append(byte)
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else {
                guard byte != quote else { return text }
                key.append(byte)
            }
        }
        return isEscaped ? text : String(decoding: key, as: UTF8.self)
    }

    func id(on slot: Slot) -> IdempotencyKeyID { IdempotencyKeyID(slot: slot, digest: digest) }

    /// As a step carries it.
    func step(on slot: Slot) -> StepKey { StepKey(id: id(on: slot), fingerprint: fingerprint) }
}

extension Digest256 {
    /// SHA-256 has 32 bytes.
    init(sha256: SHA256.Digest) { self = sha256.withUnsafeBytes { Digest256($0)! } }
}

extension KeyReused: ProblemConvertible {
    public var problem: Problem { Problem(.idempotencyKeyReused) }
}

/// Of a step that is never refused.
extension Never: ProblemConvertible {
    public var problem: Problem { switch self {} }
}
