import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import Workload

/// A server with one thread that answers every request alike, until it is told to stop answering.
struct StubServer {
    /// What happens to the request of this number, counted from 1.
    enum Behaviour: Sendable {
        case answer(status: Int)
        /// The whole server stands still for so long, then answers.
        case freeze(Duration)
        /// The connection is cut.
        case hangUp
        /// Nothing, ever.
        case ignore
    }

    /// Serves on a loopback port for the length of `body`.
    static func serve<Result: Sendable>(
        _ behaviour: @escaping @Sendable (Int) -> Behaviour, _ body: (GatewayAddress) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let count = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: eventLoop)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(count: count, behaviour: behaviour))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = GatewayAddress("http://127.0.0.1:\(server.localAddress?.port ?? 0)")!
        do {
            let result = try await body(address)
            try await group.shutdownGracefully()
            return result
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        let count: NIOLoopBoundBox<Int>
        let behaviour: @Sendable (Int) -> Behaviour

        init(count: NIOLoopBoundBox<Int>, behaviour: @escaping @Sendable (Int) -> Behaviour) {
            self.count = count
            self.behaviour = behaviour
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            count.value += 1
            var status = 201
            switch behaviour(count.value) {
            case .answer(let wanted): status = wanted
            case .freeze(let duration): Thread.sleep(forTimeInterval: duration.seconds)
            case .hangUp: return context.close(promise: nil)
            case .ignore: return
            }
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: status), headers: ["Content-Length": "2"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
