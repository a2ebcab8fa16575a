import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Steps
import Testing

@testable import Gateway

@Suite("Conditions of requests")
struct ConditionTests {
    @Test("304 has the fields of the 200 but for those of its content; GET and HEAD with If-Match of another are 412")
    func conditionalReads() async throws {
        try await GatewayFixture { $0.cors.allowedOrigins = ["https://shop.example"] }.run { client in
            let full = try await client.execute(uri: "/.well-known/jwks.json", method: .get)
            let tag = try #require(full.headers[.eTag])
            for condition in [tag, "W/" + tag, "*", "\"x\", " + tag] {
                let same = try await client.execute(
                    uri: "/.well-known/jwks.json", method: .get, headers: [.ifNoneMatch: condition])
                #expect(same.status == .notModified && same.body.readableBytes == 0)
                for name in [HTTPField.Name.cacheControl, .eTag, .vary] {
                    #expect(same.headers[name] != nil && same.headers[name] == full.headers[name], "\(name)")
                }
                #expect(same.headers[.date] != nil && same.headers[.contentType] == nil)
            }
            for method in [HTTPRequest.Method.get, .head] {
                func status(_ headers: HTTPFields) async throws -> Int {
                    let uri = "/.well-known/jwks.json"
                    return try await client.execute(uri: uri, method: method, headers: headers).status.code
                }
                #expect(try await status([.ifNoneMatch: "\"x\""]) == 200)
                #expect(try await status([.ifMatch: tag]) == 200)
                #expect(try await status([.ifMatch: "*"]) == 200)
                #expect(try await status([.ifMatch: "W/" + tag]) == 412)
                #expect(try await status([.ifMatch: "\"x\""]) == 412)
            }
        }
    }

    @Test("a condition on what has no version is refused before the route is asked, after who asks is known")
    func unversioned() async throws {
        let fixture = try await GatewayFixture { $0.requiresPreconditions = true }
        let bearer = try await fixture.bearer(.customer)
        let routes = fixture.routes()
        routes.put("/versioned", .customer.versioned) { _, context in
            try context.preconditions.check(.tagged(EntityTag(version: 7)))
            return Response(status: .noContent)
        }
        try await fixture.run(routes) { client in
            let cases: [(HTTPRequest.Method, String, HTTPFields, Bool, Int)] = [
                (.post, "/orders", [.ifMatch: "\"bogus\""], true, 412),
                (.post, "/orders", [.ifMatch: "bogus"], true, 412),
                (.post, "/orders", [.ifNoneMatch: "*"], true, 412), (.post, "/orders", [.ifMatch: "*"], true, 201),
                (.post, "/orders", [.ifNoneMatch: "\"bogus\""], true, 201),
                (.post, "/orders", [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"], true, 201),
                (.post, "/orders", [.ifMatch: "\"bogus\""], false, 401),
                (.post, "/nothing", [.ifMatch: "\"bogus\""], true, 404),
                (.put, "/orders", [.ifMatch: "\"bogus\""], true, 405),
                (.put, "/versioned", [.ifMatch: "\"7\""], true, 204),
                (.put, "/versioned", [.ifMatch: "\"6\""], true, 412), (.put, "/versioned", [:], true, 428),
            ]
            for (method, uri, conditions, isKnown, status) in cases {
                var headers = conditions
                if isKnown { headers[.authorization] = bearer[.authorization] }
                headers[.contentType] = "application/json"
                let answer = try await client.execute(
                    uri: uri, method: method, headers: headers, body: ByteBuffer(string: #"{"quantity":3}"#))
                #expect(answer.status.code == status, "\(method) \(uri) \(conditions)")
            }
        }
    }
}
