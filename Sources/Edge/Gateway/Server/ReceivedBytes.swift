import NIOCore

/// Counts what comes from a client before the parser sees it: blanks, line ends and chunk extensions are bytes too,
/// and no part of any message. It stands before what frames answers too: one whose bytes stand ready is sent from here.
final class ReceivedBytes: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: ConnectionGuard
    private var context: ChannelHandlerContext?

    init(_ connection: ConnectionGuard) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends a whole answer.
    func send(_ answer: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(answer), promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.takes(unwrapInboundIn(data), context) else { return }
        context.fireChannelRead(data)
        connection.checkFraming()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { connection.inputClosed(context) }
        context.fireUserInboundEventTriggered(event)
    }
}
