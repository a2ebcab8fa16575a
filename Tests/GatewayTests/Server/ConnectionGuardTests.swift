import Hummingbird
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("Connections within their limits")
struct ConnectionGuardTests {
    func fixture(_ change: (inout ConnectionLimits) -> Void = { _ in }) async throws -> GatewayFixture {
        try await GatewayFixture { configuration in
            configuration.connections.checkInterval = .milliseconds(20)
            change(&configuration.connections)
        }
    }

    @Test(
        "bytes that are no HTTP are told so in a problem document, and the connection ends",
        arguments: [
            ("NONSENSE\r\n\r\n", "malformed_request"), ("GET / HTTP/9.9\r\n\r\n", "malformed_request"),
            ("GET / HTTP/1.1\r\nbad header\r\n\r\n", "malformed_request"),
            (
                "GET / HTTP/1.1\r\nhost: a\r\nx: " + String(repeating: "a", count: 20_000) + "\r\n\r\n",
                "headers_too_large"
            ),
            (
                "GET / HTTP/1.1\r\nhost: a\r\n" + (0..<200).map { "x\($0): 1\r\n" }.joined() + "\r\n",
                "headers_too_large"
            ),
        ])
    func malformed(text: String, code: String) async throws {
        try await fixture().run { client in
            let answer = try await exchange(port: #require(client.port), [text])
            #expect(answer.contains("application/problem+json") && answer.contains("\"code\":\"\(code)\""), "\(answer)")
        }
    }

    @Test(
        "a method that the parser does not know is one that the path has not",
        arguments: ["FOO", "get", "GETX", "PLAY", "SOURCE", "PROPFIND"],
        [
            ("/public/a", 405), ("//public/%61/?x=y%20z", 405), ("http://a/public/a", 405), ("/nothing", 404),
            ("a", 400)
        ])
    func unknownMethod(method: String, target: (text: String, status: Int)) async throws {
        try await fixture().run { client in
            let request = "\(method) \(target.text) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [request])
            #expect(answer.hasPrefix("HTTP/1.1 \(target.status)"), "\(answer)")
            let allowed = answer.lowercased().contains("\r\nallow: get, head, options\r\n")
            #expect(allowed == (target.status == 405), "\(answer)")
        }
    }

    @Test("what the path of another request has is not told of one that comes in the same bytes")
    func unknownMethodBehind() async throws {
        try await fixture().run { client in
            let first = "GET /public/a HTTP/1.1\r\nhost: a\r\n\r\n"
            let answer = try await exchange(
                port: #require(client.port), [first + "FOO /nothing HTTP/1.1\r\nhost: a\r\n\r\n"])
            #expect(answer.contains(#""name":"a""#) && answer.contains("HTTP/1.1 400"), "\(answer)")
        }
    }

    @Test("a header that trickles in is cut off")
    func slowHeader() async throws {
        let fixture = try await fixture()
        try await fixture.run { client in
            let port = try #require(client.port)
            try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask {
                    // Time may have passed before a byte came; such a connection is closed without a word.
                    var answer = ""
                    repeat {
                        answer = try await exchange(port: port, ["GET / HT", "TP/1.1\r\nhost: a\r\nx"])
                    } while answer.isEmpty && !Task.isCancelled
                    return answer
                }
                group.addTask {
                    // Whenever the connection begins, its time passes.
                    while !Task.isCancelled {
                        fixture.nanoseconds.advance(.seconds(11))
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                    return nil
                }
                let answer = try #require(try await group.next() ?? nil)
                #expect(answer.hasPrefix("HTTP/1.1 408") && answer.contains("request_timeout"), "\(answer)")
                group.cancelAll()
            }
        }
    }

    @Test("a body that does not come is a 408, and the connection ends")
    func slowBody() async throws {
        let fixture = try await fixture()
        let routes = fixture.routes()
        routes.post("/slow", .credentials) { request, context in
            fixture.nanoseconds.advance(.seconds(31))
            _ = try await request.bytes(context)
            return Response(status: .noContent)
        }
        try await fixture.run(routes) { client in
            let answer = try await exchange(
                port: #require(client.port), ["POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\n\r\n{\"quan"])
            #expect(answer.hasPrefix("HTTP/1.1 408") && answer.contains("request_timeout"), "\(answer)")
        }
    }

    @Test("an answer that does not come is a 503, while the work goes on to its end")
    func slowAnswer() async throws {
        let fixture = try await fixture()
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let (finished, finishing) = AsyncStream.makeStream(of: Bool.self)
        let routes = fixture.routes()
        routes.get("/slow", .anyone) { _, _ in
            fixture.nanoseconds.advance(.seconds(61))
            for await _ in released { break }
            finishing.yield(!Task.isCancelled)
            return Response(status: .noContent)
        }
        try await fixture.run(routes) { client in
            let answer = try await exchange(port: #require(client.port), ["GET /slow HTTP/1.1\r\nhost: a\r\n\r\n"])
            #expect(
                answer.hasPrefix("HTTP/1.1 503") && answer.contains("time_limit_exceeded") && !answer.contains("204"),
                "\(answer)")
            releasing.yield()
            for await wasUndisturbed in finished {
                #expect(wasUndisturbed)
                break
            }
        }
    }

    @Test("a stream that has begun has no time limit")
    func stream() async throws {
        let fixture = try await fixture()
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        routes.get("/stream", .anyone) { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "one"))
                    for await _ in begun { break }
                    // Ten looks at the clock: a guard that took this for a late answer would cut it off.
                    try await Task.sleep(for: .milliseconds(200))
                    try await writer.write(ByteBuffer(string: "two"))
                    try await writer.finish(nil)
                })
        }
        try await fixture.run(routes) { client in
            let request = "GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [request]) { text in
                guard text.contains("one"), !text.contains("two") else { return }
                fixture.nanoseconds.advance(.seconds(600))
                beginning.yield()
            }
            #expect(answer.contains("one") && answer.contains("two"), "\(answer)")
        }
    }

    @Test("a client that stops reading in the middle of a stream is cut off, and its handler ends")
    func stalled() async throws {
        let fixture = try await fixture { $0.headerTimeMax = .seconds(86_400 * 365) }
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        routes.get("/stream", .anyone) { _, _ in
            beginning.yield()
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    defer { ending.yield() }
                    while true { try await writer.write(ByteBuffer(repeating: 46, count: 1 << 16)) }
                })
        }
        try await fixture.run(routes) { client in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: #require(client.port)).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n"))
            // Before that it would be the head that took too long.
            for await _ in begun { break }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Whenever the stream comes to a stand, its time passes.
                    while !Task.isCancelled {
                        fixture.nanoseconds.advance(.seconds(10))
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                }
                for await _ in ended { break }
                group.cancelAll()
            }
            try await channel.close()
        }
    }

    @Test("a client that reads a large answer slowly, but reads, gets all of it")
    func slowReader() async throws {
        let fixture = try await fixture { $0.headerTimeMax = .seconds(86_400 * 365) }
        let routes = fixture.routes()
        let content = 16 << 20
        routes.get("/large", .anyone) { _, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(repeating: 46, count: content)))
        }
        try await fixture.run(routes) { client in
            let (pieces, coming) = AsyncStream.makeStream(of: Int.self)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .channelOption(.socketOption(.so_rcvbuf), value: 1 << 16)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1 << 14))
                .channelInitializer { channel in
                    channel.closeFuture.whenComplete { _ in coming.finish() }
                    return channel.pipeline.addHandler(Received { coming.yield($0) })
                }
                .connect(host: "127.0.0.1", port: #require(client.port)).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET /large HTTP/1.1\r\nhost: a\r\n\r\n"))
            var (received, passed) = (0, 0)
            channel.read()
            for await count in pieces {
                received += count
                guard received < content else { break }
                if received - passed > 1 << 16 {
                    // Two looks at the clock for each second that passes.
                    passed = received
                    fixture.nanoseconds.advance(.seconds(5))
                    try await Task.sleep(for: .milliseconds(20))
                }
                channel.read()
            }
            #expect(received >= content, "cut off after \(received) bytes")
            try? await channel.close()
        }
    }

    @Test("a client that goes away within a body is no fault of the server")
    func gone() async throws {
        let fixture = try await fixture { _ in }
        let routes = fixture.routes()
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        routes.post("/read", RoutePolicy(access: .open, bodyMax: 1 << 20)) { request, context in
            defer { ending.yield() }
            _ = try await request.body.collect(upTo: 1 << 20)
            return Response(status: .noContent)
        }
        try await fixture.run(routes) { client in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: #require(client.port)).get()
            let head = "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhalf"
            try await channel.writeAndFlush(ByteBuffer(string: head))
            try await channel.close()
            for await _ in ended { break }
        }
        #expect(try fixture.lines.objects().allSatisfy { $0["level"] as? String != "error" })
    }

    @Test("the rest of a refused body is read only so far")
    func discarding() async throws {
        let fixture = try await fixture { $0.discardMax = 100_000 }
        let token = try await fixture.token(.customer)
        try await fixture.run { client in
            let head =
                "POST /orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
                + "content-type: application/json\r\ncontent-length: 100000000\r\n\r\n"
            let answer = try await exchange(
                port: #require(client.port), [head] + (0..<200).map { _ in String(repeating: " ", count: 100_000) })
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
        }
    }

    @Test("the answer to a body that is too long to be passed over ends the connection, and is read")
    func tooLong() async throws {
        let fixture = try await fixture { $0.discardMax = 100_000 }
        let token = try await fixture.token(.customer)
        try await fixture.run { client in
            func head(_ length: Int) -> String {
                "POST /orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
                    + "content-type: application/json\r\ncontent-length: \(length)\r\n\r\n"
            }
            let port = try #require(client.port)
            let long = try await exchange(
                port: port, [head(5_000_000)] + (0..<50).map { _ in String(repeating: " ", count: 100_000) })
            #expect(long.hasPrefix("HTTP/1.1 413") && long.lowercased().contains("connection: close"), "\(long)")
        }
    }

    @Test("a chunked body that ends in the middle is never taken for a whole one")
    func brokenChunks() async throws {
        let fixture = try await fixture()
        let token = try await fixture.token(.customer)
        try await fixture.run { client in
            let head =
                "POST /orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
                + "content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [head, "e\r\n{\"quantity\":3}\r\n", "zz\r\n"])
            #expect(!answer.contains("201") && answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            #expect(
                answer.contains("application/problem+json") && answer.contains("\"malformed_request\""), "\(answer)")
        }
    }

    @Test("a client that waits for 100 Continue is told to go on")
    func expectContinue() async throws {
        let fixture = try await fixture()
        let token = try await fixture.token(.customer)
        try await fixture.run { client in
            let head =
                "POST /orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
                + "content-type: application/json\r\nexpect: 100-continue\r\nconnection: close\r\n"
                + "content-length: 14\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [head, #"{"quantity":3}"#])
            #expect(answer.hasPrefix("HTTP/1.1 100") && answer.contains("HTTP/1.1 201"), "\(answer)")
        }
    }

    @Test("a client that waits for 100 Continue with a body that no route takes is told so, and not to go on")
    func expectTooMuch() async throws {
        let fixture = try await fixture()
        let token = try await fixture.token(.customer)
        try await fixture.run { client in
            let head =
                "POST /orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n"
                + "content-type: application/json\r\nexpect: 100-continue\r\n"
                + "content-length: \(RoutePolicy.standardBodyMax + 1)\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [head])
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
        }
    }

    @Test("two requests sent at once are answered one after the other")
    func pipelined() async throws {
        try await fixture().run { client in
            let one = "GET /public/a HTTP/1.1\r\nhost: a\r\n\r\n"
            let two = "GET /public/b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
            let answer = try await exchange(port: #require(client.port), [one + two])
            #expect(answer.contains(#""name":"a""#) && answer.contains(#""name":"b""#))
        }
    }
}
