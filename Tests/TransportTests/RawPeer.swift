import Cluster
import Consensus
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import Transport

/// A program with a node's certificate, which says whatever a test wants.
final class RawPeer: Sendable {
    private let channel: any Channel
    private let heard: Heard

    /// What has come, and whether the other end has closed.
    final class Heard: Sendable {
        let content = Mutex((bytes: ByteBuffer(), isClosed: false))
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let heard: Heard
        init(_ heard: Heard) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            heard.content.withLock { content in _ = content.bytes.writeBuffer(&bytes) }
        }
        func channelInactive(context: ChannelHandlerContext) { heard.content.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    init(certificates: CertificateFiles, to address: PeerAddress) async throws {
        let context = try Credentials(certificates).client
        let heard = Heard()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLClientHandler(context: context, serverHostname: nil), Collector(heard))
                }
            }
            .connect(host: address.host, port: address.port).get()
        self.heard = heard
    }

    func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    func send(_ kind: LinkFrame.Kind, _ content: [UInt8]) { send(Self.frame(kind, content)) }

    static func frame(_ kind: LinkFrame.Kind, _ content: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        LinkFrame.write(kind, content, into: &buffer)
        return Array(buffer.readableBytesView)
    }

    var isClosed: Bool { heard.content.withLock(\.isClosed) }

    /// The frames that have come.
    var frames: [(kind: LinkFrame.Kind, content: [UInt8])] {
        var bytes = heard.content.withLock(\.bytes)
        var frames: [(kind: LinkFrame.Kind, content: [UInt8])] = []
        while let frame = try? LinkFrame.read(from: &bytes, bytesMax: .max) { frames.append(frame) }
        return frames
    }

    /// Why this end was turned away.
    var refusal: LinkRefusal? {
        frames.first { $0.kind == .refusal }.flatMap { LinkRefusal(rawValue: $0.content[0]) }
    }

    var isGreeted: Bool { frames.contains { $0.kind == .greeting } }

    /// In DER form.
    var certificateOfPeer: [UInt8] {
        get async throws {
            let shown = try await channel.nioSSL_peerCertificate().get()
            return try shown?.toDERBytes() ?? []
        }
    }

    func close() async throws { try await channel.close().get() }
}

extension Greeting {
    /// As node 1 says to node 2.
    static func ofTests(
        cluster: UInt64 = 7, sender: UInt64 = 1, receiver: UInt64 = 2, stream: PeerStream = .calls,
        newest: UInt16 = 1
    ) -> Greeting {
        Greeting(
            cluster: cluster, sender: NodeID(sender), receiver: NodeID(receiver), stream: stream, stepTable: 0,
            newest: newest)
    }
}
