import AsyncHTTPClient
import Foundation
import NIOCore

/// Asks one node, once: no token is renewed, nothing is sent again, and no other node is asked.
public enum NodeProbe {
    public struct Answer: Sendable {
        public let status: Int
        public let body: [UInt8]
    }

    /// What nodes tell about themselves is far smaller.
    private static let answerBytesMax = 4 << 20

    /// - Parameter trusted: the certificates that are believed; nil for those of the machine.
    /// - Returns: nil when there is no whole answer within `limit`.
    public static func get(
        _ url: String, token: String? = nil, trusting trusted: TrustedCertificates? = nil, within limit: Duration
    ) async -> Answer? {
        let request = HTTPClientRequest(url: url)
        guard let trusted else { return await send(request, token: token, within: limit) }
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.tlsConfiguration = trusted.tls
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let answer = await send(request, by: http, token: token, within: limit)
        try? await http.shutdown()
        return answer
    }

    /// Sends a JSON document.
    ///
    /// - Returns: nil when there is no whole answer within `limit`: whether it was done is not known.
    public static func post(
        _ url: String, _ document: some Encodable, token: String? = nil, within limit: Duration
    ) async -> Answer? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        guard let body = try? JSON.encoder.encode(document) else { return nil }
        request.body = .bytes(ByteBuffer(bytes: body))
        return await send(request, token: token, within: limit)
    }

    /// - Returns: as `post`.
    public static func delete(_ url: String, token: String? = nil, within limit: Duration) async -> Answer? {
        var request = HTTPClientRequest(url: url)
        request.method = .DELETE
        return await send(request, token: token, within: limit)
    }

    private static func send(
        _ request: HTTPClientRequest, by http: HTTPClient = .shared, token: String?, within limit: Duration
    ) async -> Answer? {
        var request = request
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        guard let response = try? await http.execute(request, timeout: TimeAmount(limit)),
            let body = try? await response.body.collect(upTo: answerBytesMax)
        else { return nil }
        return Answer(status: Int(response.status.code), body: Array(buffer: body))
    }
}
