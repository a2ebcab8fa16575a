import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Gateway

@Suite("The gateway around its routes")
struct PipelineTests {
    /// The clock is moved on by less: a connection that waits for the next request does not end meanwhile.
    private static let longTime = Duration.seconds(86_400)

    func code(_ response: TestResponse) throws -> String? {
        #expect(response.headers[.contentType] == "application/problem+json")
        let object = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any]
        #expect(object?["status"] as? Int == response.status.code)
        #expect(object?["instance"] as? String == response.headers[.requestID].map { "urn:request:" + $0 })
        return object?["code"] as? String
    }

    @Test("a request gets its answer with an id, the trace, and the header fields that protect")
    func good() async throws {
        let fixture = try await GatewayFixture()
        try await fixture.run { client in
            let response = try await client.execute(
                uri: "/public/a", method: .get,
                headers: [.requestID: "mine-1", HTTPField.Name("traceparent")!: MiddlewareTests.traceparent])
            #expect(response.status == .ok && String(buffer: response.body) == #"{"name":"a","subject":null}"#)
            #expect(response.headers[.requestID] == "mine-1")
            #expect(
                response.headers[HTTPField.Name("traceparent")!]?.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-")
                    == true)
            #expect(response.headers[HTTPField.Name("traceparent")!] != MiddlewareTests.traceparent)
            #expect(
                response.headers[.xContentTypeOptions] == "nosniff" && response.headers[.cacheControl] == "no-store")
            let other = try await client.execute(uri: "/public/a", method: .get, headers: [.requestID: "evil\" id"])
            #expect(other.headers[.requestID].map { $0 != "evil\" id" && $0.count == 15 } == true)
        }
    }

    @Test("where full disks are why no leader decides, clients are told so", arguments: [nil, "Both disks are full."])
    func fullDisk(reason: String?) async throws {
        try await GatewayFixture(fullDisk: reason).run { client in
            let refused = try await client.execute(uri: "/leaderless", method: .get)
            #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
            #expect(try code(refused) == (reason == nil ? "no_leader" : "storage_full"))
            #expect(reason.map { String(buffer: refused.body).contains($0) } ?? true)
            // What is wrong with a request stays wrong.
            #expect(try code(await client.execute(uri: "/refusing", method: .get)) == "malformed_request")
        }
    }

    @Test("paths without a route are 404, methods without one 405 with Allow, and HEAD and OPTIONS are answered")
    func unmatched() async throws {
        try await GatewayFixture().run { client in
            let missing = try await client.execute(uri: "/nothing/here", method: .get)
            #expect(missing.status == .notFound)
            #expect(try code(missing) == "not_found")
            let wrong = try await client.execute(uri: "/public/a", method: .delete)
            #expect(wrong.status == .methodNotAllowed && wrong.headers[.allow] == "GET, HEAD, OPTIONS")
            #expect(try code(wrong) == "method_not_allowed")
            let head = try await client.execute(uri: "/public/a", method: .head)
            #expect(head.status == .ok && head.body.readableBytes == 0)
            let options = try await client.execute(uri: "/public/a", method: .options)
            #expect(options.status == .noContent && options.headers[.allow] == "GET, HEAD, OPTIONS")
        }
    }

    @Test("an unexpected error is a 500 that tells nothing, and a log line that tells all, found by the request's id")
    func unexpected() async throws {
        let fixture = try await GatewayFixture()
        try await fixture.run { client in
            let response = try await client.execute(uri: "/broken", method: .get, headers: [.requestID: "find-me"])
            #expect(response.status == .internalServerError)
            #expect(try code(response) == "internal_error")
            #expect(!String(buffer: response.body).contains("Unexpected"))
            let refusing = try await client.execute(uri: "/refusing", method: .get)
            #expect(try code(refusing) == "malformed_request")
            #expect(!String(buffer: refusing.body).contains("secret"))
        }
        let line = try #require(try fixture.lines.objects().first { $0["level"] as? String == "error" })
        #expect(
            line["request_id"] as? String == "find-me"
                && (line["error.type"] as? String)?.contains("Unexpected") == true)
    }

    @Test("bodies: the type, the size, the text and the fields are each refused with their own problem")
    func bodies() async throws {
        let fixture = try await GatewayFixture()
        let bearer = try await fixture.bearer(.customer)
        try await fixture.run { client in
            func post(_ body: String, _ type: String? = "application/json") async throws -> TestResponse {
                var headers = bearer
                headers[.contentType] = type
                return try await client.execute(
                    uri: "/orders", method: .post, headers: headers, body: ByteBuffer(string: body))
            }
            let good = try await post(#"{"quantity":3}"#)
            #expect(good.status == .created && String(buffer: good.body) == #"{"quantity":3}"#)
            #expect(try await code(post(#"{"quantity":3}"#, "text/plain")) == "unsupported_media_type")
            #expect(try await code(post(#"{"quantity":3}"#, nil)) == "unsupported_media_type")
            for type in [
                "application/json;charset=utf8", "application/json; charset=UTF-8", "application/json;",
                "Application/JSON; Charset=\"utf-8\"", "application/json; profile=x; charset=UTF8",
            ] {
                #expect(try await post(#"{"quantity":3}"#, type).status == .created, "\(type)")
            }
            for type in ["application/json; charset=latin1", "application/json; charset=utf-16"] {
                let refused = try await post(#"{"quantity":3}"#, type)
                #expect(refused.status == .unsupportedMediaType, "\(type)")
                #expect(String(buffer: refused.body).contains("must be UTF-8"))
            }
            let other = try await post(#"{"quantity":3}"#, "application/merge-patch+json")
            #expect(other.status == .unsupportedMediaType && other.headers[.accept] == "application/json")
            for (coding, isTaken) in [
                ("gzip", false), ("br", false), ("gzip, identity", false), ("identity", true), ("", true),
            ] {
                var headers = bearer
                headers[.contentType] = "application/json"
                headers[.contentEncoding] = coding
                let answer = try await client.execute(
                    uri: "/orders", method: .post, headers: headers, body: ByteBuffer(string: "xx"))
                #expect(answer.status == (isTaken ? .badRequest : .unsupportedMediaType), "\(coding)")
                #expect((answer.headers[.acceptEncoding] == "identity") == !isTaken)
                #expect(String(buffer: answer.body).contains("Content-Encoding") == !isTaken)
            }
            #expect(
                try await code(post(#"{"quantity":"# + String(repeating: " ", count: 80) + "3}")) == "body_too_large")
            #expect(try await code(post(#"{"quantity":3"#)) == "malformed_json")
            #expect(try await code(post("")) == "malformed_json")
            let invalid = try await post(#"{"quantity":10,"x":1}"#)
            #expect(invalid.status == .unprocessableContent)
            #expect(
                String(buffer: invalid.body).contains(
                    #"[{"pointer":"/quantity","detail":"must be an integer from 1 to 9"},"#
                        + #"{"pointer":"/x","detail":"is not a known field"}]"#
                ))
        }
    }

    @Test("tokens: none, bad, expired, of too small a role, and good ones")
    func tokens() async throws {
        let fixture = try await GatewayFixture { $0.connections.idleTimeMax = Self.longTime }
        let customer = try await fixture.bearer(.customer)
        let admin = try await fixture.bearer(.admin)
        try await fixture.run { client in
            func get(_ path: String, _ headers: HTTPFields) async throws -> TestResponse {
                try await client.execute(uri: path, method: .get, headers: headers)
            }
            let none = try await get("/staff", [:])
            #expect(none.status == .unauthorized && none.headers[.wwwAuthenticate] == #"Bearer realm="cloudretail""#)
            #expect(try code(none) == "authentication_required")
            for path in ["/staff", "/public/a"] {
                for bad in ["Bearer x.y.z", "bearer x", "Bearer"] {
                    let refused = try await get(path, [.authorization: bad])
                    #expect(try code(refused) == "invalid_token")
                    #expect(refused.headers[.wwwAuthenticate]?.contains(#"error="invalid_token""#) == true)
                }
                // Another scheme is told as no token is (RFC 6750, section 3.1), and is not passed over.
                for other in ["Basic YTpi", "Bearertoken x", "x"] {
                    let refused = try await get(path, [.authorization: other])
                    #expect(try code(refused) == "authentication_required", "\(other)")
                    #expect(refused.headers[.wwwAuthenticate] == #"Bearer realm="cloudretail""#, "\(other)")
                }
            }
            #expect(try await code(get("/staff", customer)) == "forbidden")
            #expect(try await String(buffer: get("/staff", admin).body) == #""cus_1""#)
            #expect(try await String(buffer: get("/public/a", customer).body).contains("cus_1"))
            // Log-in does not look at the token that a client still sends along.
            let login = try await client.execute(
                uri: "/login", method: .post, headers: [.authorization: "Bearer x.y.z"])
            #expect(login.status == .noContent)
            fixture.nanoseconds.advance(.seconds(900))
            #expect(try await code(get("/staff", admin)) == "expired_token")
        }
    }

    @Test(
        "rates: by address without a token, by token with one, tighter for log-in, told in header fields, off when off")
    func rates() async throws {
        let fixture = try await GatewayFixture {
            $0.rateLimits.anonymous = RatePolicy(name: "anonymous", quota: 4, window: .seconds(4))
            $0.rateLimits.credentials = RatePolicy(name: "credentials", quota: 1, window: .seconds(10))
        }
        let bearer = try await fixture.bearer(.customer)
        try await fixture.run { client in
            func get(_ headers: HTTPFields = [:]) async throws -> TestResponse {
                try await client.execute(uri: "/public/a", method: .get, headers: headers)
            }
            #expect(try await get(bearer).status == .ok)
            for _ in 0..<3 { #expect(try await get().status == .ok) }
            let refused = try await get()
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "1")
            #expect(
                refused.headers[.rateLimit] == #""anonymous";r=0;t=4"#
                    && refused.headers[.rateLimitPolicy] == #""anonymous";q=4;w=4"#)
            #expect(try code(refused) == "rate_limited")
            #expect(try await get(bearer).status == .ok)
            fixture.nanoseconds.advance(.seconds(1))
            let last = try await get()
            #expect(last.status == .ok && last.headers[.rateLimit] == #""anonymous";r=0;t=4"#)
            #expect(try await client.execute(uri: "/login", method: .post).status == .noContent)
            #expect(try await client.execute(uri: "/login", method: .post).status == .tooManyRequests)
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
        }
        func guess(from address: String) throws {
            let address = ClientAddress(try SocketAddress(ipAddress: address, port: 1))
            try fixture.pipeline.countGuess(GuessKey(name: "a@example.com", address: address, userAgent: nil))
        }
        for _ in 0..<10 { try guess(from: "10.0.0.1") }
        #expect(throws: Problem.self) { try guess(from: "10.0.0.1") }
        try guess(from: "10.0.0.2")
        let unlimited = try await GatewayFixture {
            $0.rateLimits.isEnabled = false
            $0.rateLimits.anonymous = RatePolicy(name: "anonymous", quota: 1, window: .seconds(4))
        }
        try await unlimited.run { client in
            for _ in 0..<5 {
                let response = try await client.execute(uri: "/public/a", method: .get)
                #expect(response.status == .ok)
            }
        }
    }

    @Test("a caller may use so many idempotency keys where they are kept; other requests are not counted")
    func keys() async throws {
        let fixture = try await GatewayFixture {
            $0.rateLimits.customerKeys = RatePolicy(
                name: "customer-keys", quota: 2, window: .seconds(86_400),
                counted: "requests with an Idempotency-Key")
        }
        let routes = fixture.routes()
        routes.get("/kept", .guestKeyed) { _, _ in Response(status: .noContent) }
        routes.get("/free", .customer) { _, _ in Response(status: .noContent) }
        var bearer = try await fixture.bearer(.customer)
        let without = bearer
        bearer[.idempotencyKey] = "k"
        let keyed = bearer
        var staff = try await fixture.bearer(.staff)
        staff[.idempotencyKey] = "k"
        let others = staff
        try await fixture.run(routes) { client in
            func status(_ uri: String, _ headers: HTTPFields) async throws -> Int {
                try await client.execute(uri: uri, method: .get, headers: headers).status.code
            }
            for _ in 0..<3 { #expect(try await status("/free", keyed) == 204) }
            for _ in 0..<2 { #expect(try await status("/kept", keyed) == 204) }
            let refused = try await client.execute(uri: "/kept", method: .get, headers: keyed)
            #expect(refused.status == .tooManyRequests)
            #expect(try code(refused) == "rate_limited")
            #expect(String(buffer: refused.body).contains("At most 2 requests with an Idempotency-Key in 86400 s."))
            #expect(try await status("/kept", without) == 204)
            #expect(try await status("/kept", others) == 204)
        }
    }

    @Test("bad tokens are charged to the address, so that nobody gets signatures checked without end")
    func badTokensCount() async throws {
        let fixture = try await GatewayFixture {
            $0.rateLimits.anonymous = RatePolicy(name: "anonymous", quota: 2, window: .seconds(4))
        }
        try await fixture.run { client in
            var statuses: [Int] = []
            for number in 0..<4 {
                statuses.append(
                    try await client.execute(
                        uri: "/staff", method: .get, headers: [.authorization: "Bearer a.b.\(number)"]
                    ).status.code)
            }
            #expect(statuses == [401, 401, 429, 429])
        }
    }

    @Test("cross-origin requests: none by default, the configured origin, and its preflight")
    func cors() async throws {
        try await GatewayFixture().run { client in
            let response = try await client.execute(
                uri: "/public/a", method: .get, headers: [.origin: "https://shop.example"])
            #expect(response.headers[.accessControlAllowOrigin] == nil)
        }
        try await GatewayFixture { $0.cors.allowedOrigins = ["https://shop.example"] }.run { client in
            let response = try await client.execute(
                uri: "/public/a", method: .get, headers: [.origin: "https://shop.example"])
            #expect(
                response.headers[.accessControlAllowOrigin] == "https://shop.example"
                    && response.headers[.vary] == "Origin")
            #expect(response.headers[.accessControlExposeHeaders]?.contains("ETag") == true)
            let other = try await client.execute(
                uri: "/public/a", method: .get, headers: [.origin: "https://evil.example"])
            #expect(other.headers[.accessControlAllowOrigin] == nil && other.headers[.vary] == "Origin")
            // A cache must not give a page what was answered to no page.
            let tag = try #require(
                try await client.execute(uri: "/.well-known/jwks.json", method: .get).headers[.eTag])
            for (path, status) in [
                ("/public/a", 200), ("/staff", 401), ("/nothing", 404), ("/.well-known/jwks.json", 304),
            ] {
                let without = try await client.execute(uri: path, method: .get, headers: [.ifNoneMatch: tag])
                #expect(without.status.code == status && without.headers[.vary] == "Origin", "\(path)")
            }
            let preflight = try await client.execute(
                uri: "/orders", method: .options,
                headers: [.origin: "https://shop.example", .accessControlRequestMethod: "POST"])
            #expect(preflight.status == .noContent && preflight.headers[.accessControlAllowMethods] == "POST, OPTIONS")
            #expect(preflight.headers[.accessControlAllowHeaders]?.contains("Idempotency-Key") == true)
            let varies = preflight.headers[values: .vary].joined(separator: ", ").split(separator: ", ")
            #expect(Set(varies) == ["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"])
        }
        try await GatewayFixture { $0.cors.allowedOrigins = ["*"] }.run { client in
            let all = try await client.execute(uri: "/public/a", method: .get)
            #expect(all.headers[.accessControlAllowOrigin] == "*" && all.headers[.vary] == nil)
        }
    }

    @Test("probes and problem kinds are served; metrics are not")
    func standardRoutes() async throws {
        let fixture = try await GatewayFixture { $0.connections.idleTimeMax = Self.longTime }
        try await fixture.run { client in
            #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
            let ready = try await client.execute(uri: "/readyz", method: .get)
            let degraded = #"{"status":"degraded","detail":"The provider is away."}"#
            #expect(ready.status == .ok && String(buffer: ready.body) == degraded)
            let told = try await client.execute(uri: "/readyz?verbose=1", method: .get)
            #expect(told.status == .ok && String(buffer: told.body).contains(#"{"name":"log","status":"good"}"#))
            _ = try await client.execute(uri: "/public/a", method: .get)
            #expect(try await client.execute(uri: "/metrics", method: .get).status == .notFound)
            let samples = try MetricsTests.parse(fixture.pipeline.metrics.exposition()).samples
            #expect(
                samples.contains {
                    $0.name == "http_requests_total"
                        && $0.labels == ["method": "GET", "route": "/public/{name}", "status": "200"] && $0.value == 1
                })
            let kind = try await client.execute(uri: "/problems/not_found", method: .get)
            #expect(String(buffer: kind.body).contains("There is nothing here."))
            #expect(try await client.execute(uri: "/problems/nonsense", method: .get).status == .notFound)
            fixture.nanoseconds.advance(.seconds(2_000))
            let notReady = try await client.execute(uri: "/readyz", method: .get)
            #expect(try code(notReady) == "not_ready")
            #expect(
                String(buffer: notReady.body).contains("replayed") && !String(buffer: notReady.body).contains("away"))
            let verbose = try await client.execute(uri: "/readyz?verbose", method: .get)
            let checks =
                #"[{"name":"log","status":"failing","detail":"The log is being replayed."},"#
                + #"{"name":"payments","status":"degraded","detail":"The provider is away."}]"#
            #expect(String(buffer: verbose.body).contains(#""checks":\#(checks)"#))
        }
    }

    @Test("the access log tells every request once, without token, query or body")
    func accessLog() async throws {
        let fixture = try await GatewayFixture()
        let bearer = try await fixture.bearer(.staff, subject: "cus_9")
        try await fixture.run { client in
            _ = try await client.execute(uri: "/public/a?secret=1", method: .get, headers: bearer)
            _ = try await client.execute(uri: "/staff", method: .get, headers: [.authorization: "Bearer tttt"])
            _ = try await client.execute(uri: "/livez", method: .get)
        }
        let lines = try fixture.lines.objects().filter { $0["logger"] as? String == "access" }
        #expect(lines.map { $0["route"] as? String } == ["/public/{name}", "/staff"])
        #expect(lines.map { $0["status"] as? Int } == [200, 401])
        #expect(
            lines[0]["subject"] as? String == "cus_9" && lines[0]["client"] as? String == "127.0.0.1"
                && lines[1]["code"] as? String == "invalid_token")
        let text = "\(lines)"
        #expect(!text.contains("secret") && !text.contains("tttt") && !text.contains("Bearer"))
    }

    @Test("all routes are listed, for the comparison with the API's description")
    func listed() async throws {
        let all = try await GatewayFixture().routes().all.map { "\($0.method.rawValue) \($0.pattern)" }
        #expect(all.contains("POST /orders") && all.contains("GET /.well-known/jwks.json"))
        #expect(Set(all).count == all.count)
    }
}
