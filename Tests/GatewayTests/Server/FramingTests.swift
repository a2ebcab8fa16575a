import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import Gateway

@Suite("HTTP/1 to the letter")
struct FramingTests {
    /// An answer as it came.
    private struct Answer: CustomStringConvertible {
        let description: String
        var status: Int { Int(description.dropFirst(9).prefix(3)) ?? 0 }
        var head: String { description.components(separatedBy: "\r\n\r\n")[0].lowercased() }
        var content: String {
            description.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        }
        func has(_ field: String) -> Bool { head.contains("\r\n" + field) }
    }

    private static func ask(
        _ text: String, _ fixture: GatewayFixture? = nil, routes: GatewayRoutes? = nil
    ) async throws -> Answer {
        let fixture = if let fixture { fixture } else { try await GatewayFixture() }
        return try await fixture.run(routes) { client in
            Answer(description: try await exchange(port: #require(client.port), [text]))
        }
    }

    @Test(
        "HEAD has no content, whatever it is answered",
        arguments: [
            ("/public/a", 200), ("/nothing", 404), ("/orders", 405), ("/staff", 401), ("/broken", 500), ("/livez", 200),
            ("/refusing", 400)
        ])
    func head(path: String, status: Int) async throws {
        func ask(_ method: String) async throws -> Answer {
            try await Self.ask("\(method) \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        }
        let head = try await ask("HEAD")
        #expect(head.status == status && head.content == "", "\(head)")
        let get = try await ask("GET")
        let length = get.head.split(separator: "\r\n").first { $0.hasPrefix("content-length") }
        // The request's id, of one length, is in it.
        #expect(length.map { head.has(String($0)) } == true, "\(head)\n\(get)")
    }

    @Test("HEAD of a stream tells no length, ends at once, and the connection goes on")
    func headOfStream() async throws {
        let fixture = try await GatewayFixture()
        let routes = fixture.routes()
        routes.get("/stream", .anyone) { _, _ in
            Response(status: .ok, body: ResponseBody { _ in fatalError("asked for its content") })
        }
        let text =
            "HEAD /stream HTTP/1.1\r\nhost: a\r\n\r\nGET /public/b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        let answer = try await Self.ask(text, fixture, routes: routes)
        #expect(!answer.has("content-length"), "\(answer)")
        #expect(answer.content.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.content.hasSuffix("}"), "\(answer)")
    }

    @Test(
        "on HTTP/2 a head that is no request of HTTP is refused as on HTTP/1",
        arguments: [
            ("https", "a:8080", "/livez?a=%20", true), ("http", "[::1]", "/", true), ("https", nil, "/a", true),
            ("https", "a", "livez", false), ("https", "a", "", false), ("https", "a", nil, false),
            ("https", "a", "/a?é", false), ("https", "a", "/a b", false), ("https", "a", "*", false),
            ("https", "u:p@a", "/", false), ("https", "a b", "/", false), ("ftp", "a", "/", false),
            (nil, "a", "/", false),
        ] as [(String?, String?, String?, Bool)])
    func headOfHTTP2(scheme: String?, authority: String?, path: String?, isGood: Bool) {
        let head = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
        #expect((ConnectionLimits().fault(in: head) == nil) == isGood)
        let options = HTTPRequest(method: .options, scheme: "https", authority: "a", path: "*")
        #expect(ConnectionLimits().fault(in: options) == nil)
    }

    @Test(
        "without a Host, with two, or with one that is none: 400, and the connection ends",
        arguments: [
            "", "host: a\r\nhost: a\r\n", "host: a\r\nHOST: b\r\n", "host: \r\n", "host: a b\r\n", "host: a/b\r\n",
            "host: u@a\r\n", "host: a:b\r\n", "host: a:1:2\r\n", "host: [::1\r\n", "host: [zz]\r\n", "host: [::1]x\r\n",
            "host: a%2\r\n", "host: http://a\r\n", "host: ä\r\n", "host: a?b\r\n", "host: :80\r\n", "host: a\\b\r\n"
        ])
    func badHost(fields: String) async throws {
        let next = "GET /public/b HTTP/1.1\r\nhost: a\r\n\r\n"
        for method in ["GET", "HEAD"] {
            let answer = try await Self.ask("\(method) /public/a HTTP/1.1\r\n\(fields)\r\n" + next)
            #expect(answer.status == 400 && answer.has("connection: close") && answer.has("date: "), "\(answer)")
            #expect(answer.has("content-type: application/problem+json"))
            #expect(method == "HEAD" ? answer.content == "" : answer.content.contains("Host"), "\(answer)")
            #expect(!answer.description.contains("\"name\""), "\(answer)")
        }
    }

    @Test(
        "every host is taken that is one, and targets in absolute form",
        arguments: [
            ("/public/a", "a"), ("/public/a", "a.example:8080"), ("/public/a", "[::1]:80"), ("/public/a", "127.0.0.1:"),
            ("/public/a", "a_b-c~d"), ("/public/a", "%41"), ("http://x.example/public/a", "y"),
            ("http://x.example:80/public/a?q=1", "x.example:80")
        ])
    func goodHost(target: String, host: String) async throws {
        let answer = try await Self.ask("GET \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
        #expect(answer.status == 200 && answer.content.contains(#""name":"a""#), "\(answer)")
    }

    @Test(
        "a target in absolute form names a host, and no user",
        arguments: ["http:///public/a", "http://u@a/public/a", "http://:80/public/a", "http://a:b/public/a"])
    func badTarget(target: String) async throws {
        let answer = try await Self.ask("GET \(target) HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(answer.status == 400 && answer.has("connection: close"), "\(answer)")
        #expect(answer.has("content-type: application/problem+json"), "\(answer)")
    }

    @Test("OPTIONS * is answered for the whole server, with all methods, whoever asks; no other method has that target")
    func wholeServer() async throws {
        func ask(_ method: String) async throws -> Answer {
            try await Self.ask(
                "\(method) * HTTP/1.1\r\nhost: a\r\nauthorization: Basic YTpi\r\nconnection: close\r\n\r\n")
        }
        let answer = try await ask("OPTIONS")
        #expect(answer.status == 204 && answer.has("allow: get, head, post, options\r\n"), "\(answer)")
        #expect(answer.content == "" && !answer.has("content-length"), "\(answer)")
        #expect(try await ask("GET").status == 404)
    }

    @Test("HTTP/1.0 needs no Host, is ended after its answer, and kept when it asks for that")
    func http10() async throws {
        let once = try await Self.ask("GET /public/a HTTP/1.0\r\n\r\n")
        #expect(once.status == 200 && once.has("connection: close"), "\(once)")
        let text = "GET /public/a HTTP/1.0\r\nconnection: keep-alive\r\n\r\nGET /public/b HTTP/1.0\r\n\r\n"
        let twice = try await Self.ask(text)
        #expect(twice.has("connection: keep-alive") && twice.content.contains(#""name":"b""#), "\(twice)")
        #expect(try await Self.ask("GET /public/a HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n").status == 400)
    }

    @Test("HTTP/1.0 gets no chunks: the connection's end is the stream's")
    func streamToHTTP10() async throws {
        let fixture = try await GatewayFixture()
        let routes = fixture.routes()
        routes.get("/stream", .anyone) { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "one"))
                    try await writer.finish(nil)
                })
        }
        let text = "GET /stream HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
        let answer = try await Self.ask(text, fixture, routes: routes)
        #expect(
            answer.content == "one" && !answer.has("transfer-encoding") && answer.has("connection: close"), "\(answer)")
    }

    @Test("a client that asks to end the connection, in any words, or to upgrade it, gets its answer and the end")
    func lastRequests() async throws {
        for fields in ["Connection: Close", "connection: close, te", "Connection: Upgrade\r\nUpgrade: h2c"] {
            let answer = try await Self.ask("GET /public/a HTTP/1.1\r\nhost: a\r\n\(fields)\r\n\r\n")
            #expect(answer.status == 200 && answer.has("connection: close"), "\(fields): \(answer)")
        }
    }

    @Test(
        "transfer codings other than chunked are not worked on",
        arguments: [
            ("HTTP/1.1", "gzip, chunked", 501), ("HTTP/1.1", "identity, chunked", 501),
            ("HTTP/1.1", "chunked, chunked", 400), ("HTTP/1.1", "gzip", 400), ("HTTP/1.0", "chunked", 400)
        ])
    func codings(version: String, coding: String, status: Int) async throws {
        let fixture = try await GatewayFixture()
        let fields = [
            "host: a", "authorization: Bearer \(try await fixture.token(.customer))", "content-type: application/json",
            "transfer-encoding: \(coding)",
        ]
        let head = "POST /orders \(version)\r\n" + fields.joined(separator: "\r\n")
        let text = head + "\r\n\r\ne\r\n{\"quantity\":3}\r\n0\r\n\r\n"
        let answer = try await Self.ask(text, fixture)
        #expect(answer.status == status && answer.has("connection: close"), "\(answer)")
        #expect(answer.has("content-type: application/problem+json"), "\(answer)")
    }

    @Test("a pipelined request that is none gets its problem behind the answers before it")
    func pipelinedFault() async throws {
        let text = "GET /public/a HTTP/1.1\r\nhost: a\r\n\r\nGET /public/b HTTP/1.1\r\n\r\n"
        let answer = try await Self.ask(text)
        #expect(answer.status == 200 && answer.content.contains("HTTP/1.1 400"), "\(answer)")
        #expect(answer.content.contains("application/problem+json") && answer.content.contains("Host"), "\(answer)")
    }

    // MARK: - Framing within limits

    /// Sends `body` where its frames may have `framing` bytes beside the thousand of the head.
    private static func chunked(_ body: String, framing: Int) async throws -> Answer {
        let fixture = try await GatewayFixture { $0.connections.framingMax = 1_000 + framing }
        let token = try await fixture.token(.customer)
        let fields = [
            "host: a", "authorization: Bearer \(token)", "content-type: application/json", "transfer-encoding: chunked",
            "connection: close", "x: ",
        ]
        let head = "POST /orders HTTP/1.1\r\n" + fields.joined(separator: "\r\n")
        let padding = String(repeating: "x", count: 1_000 - 4 - head.utf8.count)
        return try await fixture.run { client in
            Answer(description: try await exchange(port: #require(client.port), [head + padding + "\r\n\r\n", body]))
        }
    }

    private static let content = #"{"quantity":3}"#

    @Test("chunk extensions, tiny chunks and trailers count against a limit of their own")
    func framing() async throws {
        let blanks = String(repeating: " ", count: 600)
        // 14 chunks have 75 bytes of frames.
        let tiny = Self.content.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
        let extended = "e;\(blanks)x\r\n\(Self.content)\r\n0\r\n\r\n"
        let trailing = "e\r\n\(Self.content)\r\n0\r\nt: \(blanks)x\r\n\r\n"
        for body in [tiny, extended.replacing(blanks, with: "x"), trailing] {
            let taken = try await Self.chunked(body, framing: 4_096)
            #expect(taken.status == 201, "\(taken)")
        }
        for (body, framing) in [(tiny, 40), (trailing, 512)] {
            let refused = try await Self.chunked(String(body.dropLast(4)), framing: framing)
            #expect(refused.status == 413 && refused.content.contains("frames"), "\(refused)")
        }
        let endless = "e;" + String(repeating: "x", count: 600)
        #expect(try await Self.chunked(endless, framing: 512).status == 413)
    }

    @Test("a target that is too long is told apart from fields that are too large", arguments: [7_000, 9_000, 40_000])
    func longTargets(count: Int) async throws {
        let (long, rest) = (String(repeating: "x", count: count), "host: a\r\nconnection: close\r\n")
        let target = try await Self.ask("GET /public/a?\(long) HTTP/1.1\r\n\(rest)\r\n")
        #expect(target.status == (count < 8_192 ? 200 : 414), "\(target)")
        #expect(count < 8_192 || target.content.contains("target_too_long"), "\(target)")
        let field = try await Self.ask("GET /public/a HTTP/1.1\r\nx: \(long)\r\n\(rest)\r\n")
        #expect(field.status == (count < 8_192 ? 200 : 431), "\(field)")
    }

    @Test("blanks and line ends that belong to no field count as header too")
    func headerBytes() async throws {
        for text in [
            String(repeating: "\r\n", count: 600),
            "GET /public/a HTTP/1.1\r\nhost: \(String(repeating: " ", count: 1_200))"
        ] {
            let fixture = try await GatewayFixture { $0.connections.headerBytesMax = 1_024 }
            let answer = try await Self.ask(text, fixture)
            #expect(answer.status == 431 && answer.content.contains("headers_too_large"), "\(answer)")
        }
    }
}
