import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension GatewayClient {
    /// As long as a node goes on sending one.
    private static let snapshotTimeMax = TimeAmount.hours(1)
    /// A refusal is far smaller.
    private static let refusalBytesMax = 1 << 20

    /// Takes a snapshot of the next node as it is now, with a piece of it in memory.
    ///
    /// - Parameter take: is handed the pieces in their order; whether they are all, it has to find out from them.
    /// - Throws: ``GatewayFault`` with the answer of a node that refuses it, or why there is none.
    public func snapshot(_ take: ([UInt8]) throws -> Void) async throws {
        let answer = try await stream("/cluster/snapshot", Self.snapshotTimeMax, take)
        guard answer.status == 200 else { throw GatewayFault(refusal: answer) }
    }

    /// Hands what the next node answers with 200 to `take`, piece by piece.
    ///
    /// - Returns: the answer; without its body when that was handed on.
    func stream(
        _ path: String, _ timeMax: TimeAmount, _ take: ([UInt8]) throws -> Void
    ) async throws -> GatewayReply {
        let node = nodes.next()
        do {
            let reply = try await stream(path, at: node, timeMax, take)
            guard reply.status == 401 else { return reply }
            // It renews the token if that is to be done.
            let allowed = try await send(.get("/cluster"))
            guard allowed.status == 200 else { return allowed }
            return try await stream(path, at: node, timeMax, take)
        } catch {
            nodes.failed(node)
            throw error
        }
    }

    private func stream(
        _ path: String, at node: Int, _ timeMax: TimeAmount, _ take: ([UInt8]) throws -> Void
    ) async throws -> GatewayReply {
        var request = HTTPClientRequest(url: "\(addresses[node])/api/v1\(path)")
        request.headers.add(name: "Authorization", value: "Bearer \(await tokens.accessToken)")
        do {
            let response = try await http.execute(request, deadline: .now() + timeMax)
            guard response.status == .ok else {
                let body = try await response.body.collect(upTo: Self.refusalBytesMax)
                return GatewayReply(status: Int(response.status.code), headers: response.headers, body: body)
            }
            for try await piece in response.body {
                do { try take(Array(buffer: piece)) } catch { throw NotTaken(reason: error) }
            }
            return GatewayReply(status: 200, headers: response.headers, body: ByteBuffer())
        } catch let error as NotTaken {
            throw error.reason
        } catch where !Task.isCancelled {
            throw GatewayFault(error, at: addresses[node])
        }
    }

    /// The pieces came, and could not be taken.
    private struct NotTaken: Error {
        let reason: any Error
    }
}
