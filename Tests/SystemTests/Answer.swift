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

    typealias Method = HTTPMethod

    /// Longer than any limit of a node's own.
    static let timeMax = TimeAmount.seconds(60)
    static let bytesMax = 16 << 20

    /// A server that is not there is an error at once.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Sends one request, once.
    static func of(
        _ method: Method, _ url: String, token: String? = nil, key: String? = nil, body: String? = nil,
        within limit: TimeAmount = timeMax
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await client.execute(request, timeout: limit)
        let bytes = try await response.body.collect(upTo: bytesMax)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }
}
