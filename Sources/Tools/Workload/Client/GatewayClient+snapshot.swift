import AsyncHTTPClient
import NIOCore

extension GatewayClient {
    /// As long as a node goes on sending one.
    private static let snapshotTimeMax = TimeAmount.hours(1)
    /// A refusal is far smaller.
    private static let refusalBytesMax = 1 << 20

    /// Takes a snapshot of a node as it is now, with a piece of it in memory.
    ///
    /// - Parameter take: is handed the pieces in their order; whether they are all, it has to find out from them.
    /// - Throws: ``GatewayFault`` with the answer of a node that refuses it, or the error of a connection that ended.
    public func snapshot(_ take: ([UInt8]) throws -> Void) async throws {
        // An administrator's too; it renews the token if that is to be done.
        let allowed = try await send(.get("/cluster"))
        guard allowed.status == 200 else { throw GatewayFault.unexpected(allowed.summary) }
        var request = HTTPClientRequest(url: "\(addresses[0])/api/v1/cluster/snapshot")
        request.headers.add(name: "Authorization", value: "Bearer \(await tokens.accessToken)")
        let response = try await http.execute(request, deadline: .now() + Self.snapshotTimeMax)
        guard response.status == .ok else {
            let body = try await response.body.collect(upTo: Self.refusalBytesMax)
            let reply = GatewayReply(status: Int(response.status.code), headers: response.headers, body: body)
            throw GatewayFault.unexpected(reply.summary)
        }
        for try await piece in response.body { try take(Array(buffer: piece)) }
    }
}
