import Foundation
import NIOCore
import NIOHTTP1

/// One request to the gateway.
struct GatewayRequest: Sendable {
    let method: HTTPMethod
    /// The path behind `/api/v1`, escaped.
    let path: String
    let body: ByteBuffer?
    /// Makes a POST repeatable: the gateway performs it once and repeats its first answer.
    let idempotencyKey: String?
    /// The version that a change is meant for.
    var ifMatch: String?

    /// May be sent again when no answer came. A PUT states what is to be, so that the second changes nothing.
    var isRepeatable: Bool { method == .GET || method == .PUT || idempotencyKey != nil }

    static func get(_ path: String) -> GatewayRequest {
        GatewayRequest(method: .GET, path: path, body: nil, idempotencyKey: nil)
    }

    static func put(_ path: String, _ body: some Encodable, ifMatch: String? = nil) throws -> GatewayRequest {
        let bytes = try JSON.encoder.encode(body)
        return GatewayRequest(
            method: .PUT, path: path, body: ByteBuffer(bytes: bytes), idempotencyKey: nil, ifMatch: ifMatch)
    }

    static func post(_ path: String, _ body: some Encodable, key: String) throws -> GatewayRequest {
        let bytes = try JSON.encoder.encode(body)
        return GatewayRequest(method: .POST, path: path, body: ByteBuffer(bytes: bytes), idempotencyKey: key)
    }
}

/// What the gateway answered.
struct GatewayReply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer
    /// How often the request was sent until this answer came; 1 without trouble.
    var attempts = 1

    /// The gateway repeats the first answer to this key.
    var isReplayed: Bool { headers.first(name: "Idempotent-Replayed") == "true" }

    /// How long the gateway asks to wait; only the form in seconds is used between our programs.
    var retryAfter: Duration? {
        headers.first(name: "Retry-After").flatMap { Int64($0) }.map { .seconds(max($0, 0)) }
    }

    /// The problem document of a refusal; nil when the answer holds none.
    var problem: Problem? {
        guard status >= 400 else { return nil }
        return try? JSON.decoder.decode(Problem.self, from: Data(body.readableBytesView))
    }

    /// - Throws: ``GatewayFault/unexpected(_:)`` when the answer has not this form.
    func decode<Document: Decodable>(_ type: Document.Type) throws -> Document {
        do {
            return try JSON.decoder.decode(type, from: Data(body.readableBytesView))
        } catch {
            throw GatewayFault.unexpected("the answer (status \(status)) is not a \(type): \(error)")
        }
    }

    /// The status with the problem, for people.
    var summary: String {
        let reason =
            problem?.description ?? String(buffer: body.getSlice(at: 0, length: min(body.readableBytes, 200)) ?? body)
        return reason.isEmpty ? "\(status)" : "\(status) \(reason)"
    }
}

/// Why a request has no usable answer.
public enum GatewayFault: Error, Equatable, CustomStringConvertible {
    case unanswered(attempts: Int, within: Duration, last: String)
    /// A node gives no answer.
    case unreachable(url: String, reason: String)
    /// What answers shows a certificate that this machine does not trust: no other attempt will do better.
    case untrusted(url: String)
    case unexpected(String)
    /// The token is good, and its account may not do that: no other attempt will do better.
    case denied(String)

    public var description: String {
        switch self {
        case .unanswered(let attempts, let limit, let last):
            "no answer to \(attempts.counted("attempt")) within \(limit.components.seconds) s; the last: \(last)"
        case .unreachable(let url, let reason):
            "\(url) cannot be reached: \(reason). Look whether a node serves there: curl \(url)/readyz"
        case .untrusted(let url):
            "the certificate of \(url) is for another name, has expired, or was signed by none that is trusted: "
                + "--ca-file names the authority of a shop that has its own"
        case .unexpected(let reason), .denied(let reason): reason
        }
    }
}

extension GatewayFault {
    /// Whether the next attempt has no better prospect.
    var isFinal: Bool { if case .untrusted = self { true } else { false } }

    init(refusal answer: GatewayReply) {
        self = answer.status == 403 ? .denied(answer.summary) : .unexpected(answer.summary)
    }
}
