import NIOCore
import NIOHTTP1

/// One connection that is kept alive and carries one request at a time. Confined to the event loop of its load.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// A request under way, in nanoseconds since the load began.
    struct Exchange {
        let request: LoadRequest
        let intended: UInt64
        let sent: UInt64
        var status: Int?
        var keepsAlive = true

        /// The same request, to be sent again.
        func again(at now: UInt64) -> Exchange { Exchange(request: request, intended: intended, sent: now) }
    }

    private let load: LoadRun
    private let address: GatewayAddress
    /// Of the node among those of the load.
    let place: Int
    private var context: ChannelHandlerContext?
    private(set) var exchange: Exchange?

    init(load: LoadRun, to address: GatewayAddress, at place: Int) {
        self.load = load
        self.place = place
        self.address = address
    }

    func send(_ exchange: Exchange) {
        let request = exchange.request
        self.exchange = exchange
        guard let context else { return load.lost(self) }
        context.write(wrapOutboundOut(.head(request.head(at: address))), promise: nil)
        if let body = request.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Breaks off; the load hears of it as of any lost connection.
    func close() { context?.close(promise: nil) }

    /// Takes the request under way from the connection.
    func takeExchange() -> Exchange? {
        defer { exchange = nil }
        return exchange
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            exchange?.status = Int(head.status.code)
            exchange?.keepsAlive = head.isKeepAlive
        case .body: break
        case .end: load.answered(self)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        load.lost(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
