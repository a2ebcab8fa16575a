import Hummingbird
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("The requests of one connection")
struct RequestDispatcherTests {
    /// A client that reads only when it is told to.
    private func connect(_ port: Int) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 16)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1, high: 2))
            .connect(host: "127.0.0.1", port: port).get()
    }

    @Test("a client that is far ahead of its answers is not read from")
    func ahead() async throws {
        let fixture = try await GatewayFixture()
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        routes.get("/slow", .anyone) { _, _ in
            for await _ in released { break }
            return Response(status: .noContent)
        }
        try await fixture.run(routes) { client in
            let channel = try await connect(#require(client.port))
            let field = String(repeating: "a", count: 4_000)
            let request = ByteBuffer(string: "GET /slow HTTP/1.1\r\nhost: a\r\nx: \(field)\r\n\r\n")
            let taken = Atomic(0)
            // 40 MB, of which the sockets on both sides take some.
            for _ in 0..<10_000 {
                channel.writeAndFlush(request).whenSuccess { _ = taken.add(1, ordering: .relaxed) }
            }
            var before = -1
            while before != taken.load(ordering: .relaxed) {
                before = taken.load(ordering: .relaxed)
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(before < 5_000, "of 10,000 requests \(before) were taken before the first one had its answer")
            try await channel.close()
            releasing.finish()
        }
    }

    @Test("a client that does not read its answers is not worked for, and gets all of them when it does")
    func behind() async throws {
        let fixture = try await GatewayFixture()
        let begun = Atomic(0)
        let routes = fixture.routes()
        let content = ByteBuffer(repeating: UInt8(ascii: "."), count: 1 << 20)
        routes.get("/large", .anyone) { _, _ in
            begun.add(1, ordering: .relaxed)
            return Response(status: .ok, body: ResponseBody(byteBuffer: content))
        }
        try await fixture.run(routes) { client in
            let received = Atomic(0)
            let channel = try await connect(#require(client.port))
            try await channel.pipeline.addHandler(Received { received.add($0, ordering: .relaxed) }).get()
            let count = 200
            try await channel.writeAndFlush(
                ByteBuffer(string: String(repeating: "GET /large HTTP/1.1\r\nhost: a\r\n\r\n", count: count)))
            var before = -1
            while before != begun.load(ordering: .relaxed) {
                before = begun.load(ordering: .relaxed)
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect((1..<count / 2).contains(before), "\(before) of \(count) were answered to a client that reads none")
            try await channel.setOption(.autoRead, value: true).get()
            while received.load(ordering: .relaxed) < count << 20 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(begun.load(ordering: .relaxed) == count)
            try await channel.close()
        }
    }

    @Test("a body is read from the client no faster than by its reader, and comes whole")
    func body() async throws {
        let fixture = try await GatewayFixture { $0.connections.bodyTimeMax = .seconds(86_400) }
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        let count = 32 << 20
        routes.post("/bytes", RoutePolicy(access: .open, bodyMax: count)) { request, _ in
            var bytes = 0
            for await _ in released { break }
            for try await piece in request.body { bytes += piece.readableBytes }
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "took \(bytes)")))
        }
        try await fixture.run(routes) { client in
            let text = Mutex("")
            let channel = try await connect(#require(client.port))
            try await channel.pipeline.addHandler(Received(text: { piece in text.withLock { $0 += piece } })).get()
            try await channel.writeAndFlush(
                ByteBuffer(string: "POST /bytes HTTP/1.1\r\nhost: a\r\ncontent-length: \(count)\r\n\r\n"))
            let taken = Atomic(0)
            let piece = ByteBuffer(repeating: 1, count: 1 << 16)
            for _ in 0..<count >> 16 {
                channel.writeAndFlush(piece).whenSuccess { _ = taken.add(piece.readableBytes, ordering: .relaxed) }
            }
            var before = -1
            while before != taken.load(ordering: .relaxed) {
                before = taken.load(ordering: .relaxed)
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(before < count / 2, "\(before) of \(count) bytes were taken from the client before any was read")
            releasing.finish()
            try await channel.setOption(.autoRead, value: true).get()
            while !text.withLock({ $0.contains("took") }) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(text.withLock { $0.hasSuffix("took \(count)") })
            try await channel.close()
        }
    }

    @Test("a client that has said all it has to say gets its answers whole, and then the end")
    func halfClosed() async throws {
        let fixture = try await GatewayFixture()
        let routes = fixture.routes()
        let content = ByteBuffer(repeating: UInt8(ascii: "."), count: 8 << 20)
        routes.get("/large", .anyone) { _, _ in Response(status: .ok, body: ResponseBody(byteBuffer: content)) }
        try await fixture.run(routes) { client in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connect(host: "127.0.0.1", port: #require(client.port)) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                }
            let bytes = try await channel.executeThenClose { inbound, outbound in
                let request = "GET /large HTTP/1.1\r\nhost: a\r\n\r\n"
                try await outbound.write(ByteBuffer(string: request + request))
                outbound.finish()
                return try await inbound.reduce(0) { $0 + $1.readableBytes }
            }
            #expect(bytes > 16 << 20)
        }
    }

    @Test("however the bytes of several requests are cut, their answers are the same")
    func cuts() async throws {
        let fixture = try await GatewayFixture { $0.rateLimits.isEnabled = false }
        let routes = fixture.routes()
        routes.post("/echo", RoutePolicy(access: .open)) { request, context in
            let bytes = try await request.bytes(context)
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
        routes.post("/deaf", RoutePolicy(access: .open)) { _, _ in Response(status: .noContent) }
        let requests = [
            "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nfirst",
            "GET /public/b HTTP/1.1\r\nhost: a\r\n\r\n",
            "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n",
            "POST /deaf HTTP/1.1\r\nhost: a\r\ncontent-length: 7\r\n\r\nignored",
            "HEAD /public/c HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        ].joined()
        try await fixture.run(routes) { client in
            let port = try #require(client.port)
            let whole = try await Self.lasting(exchange(port: port, [requests]))
            #expect(whole.contains("first") && whole.contains("second") && whole.contains("204 No Content"))
            for cut in 1..<requests.utf8.count {
                let bytes = requests.utf8
                let pieces = [bytes.prefix(cut), bytes.dropFirst(cut)].map { String(decoding: $0, as: UTF8.self) }
                let answers = try await Self.lasting(exchange(port: port, pieces, pause: .milliseconds(1)))
                #expect(answers == whole, "cut at \(cut)")
            }
        }
    }

    /// What of answers does not change from one to the next.
    private static func lasting(_ answers: String) -> String {
        let varying = ["date: ", "x-request-id: "]
        return answers.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { line in !varying.contains { line.lowercased().hasPrefix($0) } }.joined(separator: "\n")
    }

    @Test("a request has the fields that it came with, whatever stood in their places in the one before")
    func fields() async throws {
        let fixture = try await GatewayFixture()
        let routes = fixture.routes()
        routes.get("/fields", .anyone) { request, _ in
            let fields = request.headers.map { "\($0.name.canonicalName)=\($0.value)" }.joined(separator: ",")
            return Response(
                status: .ok,
                body: ResponseBody(byteBuffer: ByteBuffer(string: "[\(request.head.authority ?? "") \(fields)]")))
        }
        try await fixture.run(routes) { client in
            let many = (0..<50).map { "x\($0): \($0)\r\n" }.joined()
            let answer = try await exchange(
                port: #require(client.port),
                [
                    "GET /fields HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\n\r\n",
                    "GET /fields HTTP/1.1\r\nx-two: 3\r\nhost: b\r\nx-one: 4\r\n\r\n",
                    "GET /fields HTTP/1.1\r\nHost: c\r\nX-one: 5\r\n\(many)Connection: close\r\n\r\n",
                ])
            #expect(answer.contains("[a x-one=1,x-two=2]") && answer.contains("[b x-two=3,x-one=4]"), "\(answer)")
            let told = (0..<50).map { "x\($0)=\($0)" }.joined(separator: ",")
            #expect(answer.contains("[c x-one=5,\(told),connection=close]"), "\(answer)")
        }
    }
}
