import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Gateway

@Suite("The server as a service", .timeLimit(.minutes(10)))
struct GatewayServerTests {
    /// Runs a server of `routes`, and beside it `body`, which is to end it; `port` is where it listens.
    private func serving(
        _ routes: GatewayRoutes, _ fixture: GatewayFixture,
        _ body: (_ server: ServiceGroup, _ port: Int) async throws -> Void
    ) async throws {
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { JSONLogHandler(label: $0, sink: fixture.lines.sink, level: .warning) }
        let server = GatewayServer(routes, address: .hostname("127.0.0.1", port: 0), logger: logger) { address in
            if let port = address?.port { running.yield(port) }
        }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var ports = ports.makeAsyncIterator()
            try await body(group, try #require(await ports.next()))
            try await tasks.waitForAll()
        }
    }

    @Test("told to stop, it finishes the request that it has begun, and ends")
    func gracefulShutdown() async throws {
        let fixture = try await GatewayFixture()
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        routes.get("/slow", .anyone) { _, _ in
            entering.yield()
            for await _ in released { break }
            return Response(status: .noContent)
        }
        try await serving(routes, fixture) { group, port in
            async let answer = exchange(port: port, ["GET /slow HTTP/1.1\r\nhost: a\r\n\r\n"])
            for await _ in entered { break }
            await group.triggerGracefulShutdown()
            // Connections learn that the server shuts down before it takes no more of them.
            while let another = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            { try? await another.close() }
            releasing.yield()
            let text = try await answer
            #expect(text.hasPrefix("HTTP/1.1 204") && text.contains("\r\nConnection: close\r\n"), "\(text)")
        }
    }

    @Test("told to stop, it tells the answers that go on, and the last one ends its connection")
    func streams() async throws {
        let fixture = try await GatewayFixture()
        let (entered, entering) = AsyncStream.makeStream(of: Void.self)
        let routes = fixture.routes()
        let stop = routes.stop
        routes.get("/stream", .anyone) { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    entering.yield()
                    await stop.wait()
                    try await writer.write(ByteBuffer(string: "ended"))
                    try await writer.finish(nil)
                })
        }
        try await serving(routes, fixture) { group, port in
            async let answer = exchange(port: port, ["GET /stream HTTP/1.1\r\nhost: a\r\n\r\n"])
            for await _ in entered { break }
            #expect(!stop.isRaised)
            await group.triggerGracefulShutdown()
            let text = try await answer
            #expect(text.hasSuffix("\r\n5\r\nbegun\r\n5\r\nended\r\n0\r\n\r\n"), "\(text)")
        }
        #expect(stop.isRaised)
    }

    @Test("cancelled, since another part of the node has failed, it ends and complains of nothing")
    func cancellation() async throws {
        let fixture = try await GatewayFixture()
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { JSONLogHandler(label: $0, sink: fixture.lines.sink, level: .warning) }
        let server = GatewayServer(
            fixture.routes(), address: .hostname("127.0.0.1", port: 0), logger: logger
        ) { address in if let port = address?.port { running.yield(port) } }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await server.run() }
            for await _ in ports { break }
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        #expect(try fixture.lines.objects().isEmpty)
    }
}
