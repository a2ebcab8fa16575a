import HummingbirdCore
import NIOCore

/// Takes out of an answer the fields that belong to a connection of HTTP/1.1 and make an answer of HTTP/2 malformed.
/// Source: RFC 9113, section 8.2.2.
final class ConnectionFieldFilter: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = HTTPConnectionStateHandler.OutboundOut

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.headerFields.contains(.connection) else {
            context.write(data, promise: promise)
            return
        }
        head.headerFields[.connection] = nil
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
