import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What a server answered.
struct Answer: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPHeaders
    let text: String

    var json: JSON { get throws { try JSON(text) } }
    var description: String { "\(status) \(text)" }

    /// Longer than any limit of a node's own.
    static let timeMax = TimeAmount.seconds(60)
    static let bytesMax = 16 << 20

    /// Sends one request, once.
    static func of(
        _ method: HTTPMethod, _ url: String, token: String? = nil, key: String? = nil, body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: timeMax)
        let bytes = try await response.body.collect(upTo: bytesMax)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }
}
