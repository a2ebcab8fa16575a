import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Gateway

@Suite("Under overload")
struct LoadSheddingTests {
    @Test(
        "while too many are being worked on, others are refused at once, probes answer, and the admitted one finishes")
    func overload() async throws {
        let fixture = try await GatewayFixture { $0.requestsMax = 1 }
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        routes.get("/slow", .anyone) { _, _ in
            entering.yield()
            for await _ in released { break }
            return Response(status: .noContent)
        }
        // A client of the test has one connection; the slow request gets its own.
        try await fixture.run(routes) { client in
            let port = try #require(client.port)
            async let slow = exchange(port: port, ["GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"])
            for await _ in entered { break }
            let refused = try await client.execute(uri: "/public/a", method: .get)
            #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
            #expect(String(buffer: refused.body).contains("\"code\":\"overloaded\""))
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
            // Those that a route refuses, and one that has a body, which is not taken for the next request.
            let foreign = try await client.execute(
                uri: "/public/a", method: .get, headers: [.origin: "https://elsewhere.example"])
            #expect(foreign.status == .serviceUnavailable)
            let kept = try await exchange(
                port: port,
                [
                    "POST /orders HTTP/1.1\r\nhost: a\r\nx-request-id: mine\r\ncontent-length: 9\r\n\r\n{\"a\":",
                    "1}  HEAD /public/a HTTP/1.1\r\nhost: a\r\n\r\n",
                    "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
                ])
            let heads = kept.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
            #expect(heads == ["503", "503", "200"], "\(kept)")
            #expect(kept.components(separatedBy: "urn:request:").count == 2, "\(kept)")
            #expect(kept.contains("urn:request:mine"), "\(kept)")
            let metrics = String(decoding: fixture.pipeline.metrics.exposition(), as: UTF8.self)
            #expect(metrics.contains("\nhttp_requests_turned_away_total 3\n"), "\(metrics)")
            releasing.yield()
            #expect(try await slow.hasPrefix("HTTP/1.1 204"))
            #expect(try await client.execute(uri: "/public/a", method: .get).status == .ok)
        }
    }
}
