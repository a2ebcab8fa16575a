import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Gateway

@Suite("Connections at the gate")
struct ConnectionGateTests {
    /// Runs a server behind its gate; ends it when `body` has ended.
    private static func serve(
        _ fixture: GatewayFixture, _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        let logger = Logger(label: "gate") { JSONLogHandler(label: $0, sink: fixture.lines.sink, level: .warning) }
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(fixture.routes(), address: .hostname("127.0.0.1", port: 0), logger: logger) {
            address in
            if let port = address?.port { running.yield(port) }
        }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                try await body(port)
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// A connection that stays open, and has had an answer, so that it has its place.
    private static func hold(_ port: Int) async throws -> any Channel {
        let (answers, answering) = AsyncStream.makeStream(of: Void.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear { answering.yield() })
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"))
        for await _ in answers { break }
        return channel
    }

    private final class Ear: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let onBytes: @Sendable () -> Void

        init(_ onBytes: @escaping @Sendable () -> Void) { self.onBytes = onBytes }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { onBytes() }
    }

    private static let request = ["GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]

    @Test("an address has so many connections and no more; when one ends there is room again; the log says so once")
    func perAddress() async throws {
        let fixture = try await GatewayFixture { $0.connections.connectionsPerAddressMax = 2 }
        try await Self.serve(fixture) { port in
            let first = try await Self.hold(port)
            let second = try await Self.hold(port)
            for _ in 0..<3 { #expect(try await exchange(port: port, Self.request) == "") }
            try await first.close()
            while try await exchange(port: port, Self.request) == "" { await Task.yield() }
            try await second.close()
        }
        let lines = try fixture.lines.objects().filter { ($0["message"] as? String)?.contains("address") == true }
        #expect(lines.count == 1 && lines.first?["client"] as? String == "127.0.0.1", "\(lines)")
    }

    @Test("the address of a trusted proxy is not counted")
    func proxied() async throws {
        let proxies = try #require(TrustedProxies("127.0.0.0/8"))
        let fixture = try await GatewayFixture {
            $0.trustedProxies = proxies
            $0.connections.connectionsPerAddressMax = 1
        }
        try await Self.serve(fixture) { port in
            let first = try await Self.hold(port)
            #expect(try await exchange(port: port, Self.request).hasPrefix("HTTP/1.1 200"))
            try await first.close()
        }
    }

    @Test("when all places are taken, the next connection waits for one instead of failing")
    func full() async throws {
        let fixture = try await GatewayFixture { $0.connections.connectionsMax = 2 }
        try await Self.serve(fixture) { port in
            let first = try await Self.hold(port)
            let second = try await Self.hold(port)
            while try fixture.lines.objects().isEmpty { await Task.yield() }
            async let waiting = exchange(port: port, Self.request)
            try await first.close()
            #expect(try await waiting.hasPrefix("HTTP/1.1 200"))
            try await second.close()
        }
    }

    @Test("a connection that the system refuses is one line in a while, and the next try is a moment later")
    func accepting() async throws {
        let fixture = try await GatewayFixture()
        let logger = Logger(label: "gate") { JSONLogHandler(label: $0, sink: fixture.lines.sink, level: .warning) }
        let notice = ConnectionNotice(
            logger: logger, refused: Counter(), now: { [fixture] in fixture.nanoseconds.value.load(ordering: .relaxed) }
        )
        let loop = NIOAsyncTestingEventLoop()
        let channel = NIOAsyncTestingChannel(loop: loop)
        let reads = Reads()
        try await loop.submit {
            let addresses = ConnectionAddresses(max: 10, uncounted: TrustedProxies(), notice: notice)
            try channel.pipeline.syncOperations.addHandlers([
                reads, ConnectionGate(max: 10, addresses: addresses, notice: notice, open: Gauge()),
            ])
        }.get()
        func fail() async throws {
            try await loop.submit {
                channel.pipeline.fireErrorCaught(IOError(errnoCode: 24, reason: "accept"))
                channel.pipeline.read()
            }.get()
        }
        for _ in 0..<100 { try await fail() }
        #expect(await reads.count(on: loop) == 0)
        await loop.advanceTime(by: .seconds(1))
        #expect(await reads.count(on: loop) == 1)
        #expect(try fixture.lines.objects().count == 1)
        fixture.nanoseconds.advance(.seconds(11))
        try await fail()
        let lines = try fixture.lines.objects()
        #expect(lines.count == 2 && lines.last?["times"] as? String == "100", "\(lines)")
    }

    /// Counts how often the channel is asked for a connection.
    private final class Reads: ChannelOutboundHandler, @unchecked Sendable {
        typealias OutboundIn = Never
        // Touched on the event loop only.
        private var reads = 0

        func read(context: ChannelHandlerContext) { reads += 1 }

        func count(on loop: NIOAsyncTestingEventLoop) async -> Int {
            (try? await loop.submit { self.reads }.get()) ?? -1
        }
    }

    @Test("of the files that a process may open, some stay for what is no client")
    func descriptors() {
        #expect(FileDescriptors.connectionsMax(within: 1_024) == 1_024 - FileDescriptors.reserve)
        #expect(FileDescriptors.connectionsMax(within: 100) == 50)
        var limits = ConnectionLimits()
        limits.fit(descriptors: 1_024)
        #expect(limits.connectionsMax == 832 && limits.connectionsPerAddressMax == 416)
        limits = ConnectionLimits()
        limits.fit(descriptors: 1 << 20)
        #expect(limits.connectionsMax == 10_000 && limits.connectionsPerAddressMax == 1_000)
        #expect(FileDescriptors.raiseLimit() > 0)
    }
}
