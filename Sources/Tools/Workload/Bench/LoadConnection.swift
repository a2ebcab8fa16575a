import NIOCore

/// One connection that is kept alive and carries one request at a time. Confined to the event loop of its load.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

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
    private let node: LoadRequest.Node
    /// Of the node among those of the load.
    let place: Int
    private var context: ChannelHandlerContext?
    private(set) var exchange: Exchange?
    private var answers = LoadAnswers()

    init(load: LoadRun, to address: GatewayAddress, at place: Int) {
        self.load = load
        self.place = place
        node = LoadRequest.Node(address)
    }

    func send(_ exchange: Exchange) {
        self.exchange = exchange
        guard let context else { return load.lost(self) }
        context.writeAndFlush(wrapOutboundOut(exchange.request.bytes(to: node)), promise: nil)
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
        answers.take(unwrapInboundIn(data))
        do {
            while let answer = try answers.next() {
                exchange?.status = answer.status
                exchange?.keepsAlive = answer.keepsAlive
                load.answered(self)
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        load.lost(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
