import NIOCore

/// Counts what comes from a client before the parser sees it: blanks, line ends and chunk extensions are bytes too,
/// and no part of any message.
final class ReceivedBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionGuard

    init(_ connection: ConnectionGuard) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.takes(unwrapInboundIn(data).readableBytes, context) else { return }
        context.fireChannelRead(data)
        connection.checkFraming()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { connection.inputClosed(context) }
        context.fireUserInboundEventTriggered(event)
    }
}
