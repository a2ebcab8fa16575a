import NIOCore

/// One end of a relayed connection: what it reads leaves at the other end, as the way lets it. It reads on only when
/// that has left, so that a node which sends into a cut way finds its buffers full, as with a network that is gone.
final class RelayEnd: ChannelInboundHandler, @unchecked Sendable {
    // Touched on the network's event loop alone.
    typealias InboundIn = ByteBuffer

    let way: NodeNetwork.Way
    /// Its network lets go of it when that is closed; what is under way then may still ask for it.
    private let network: NodeNetwork
    private var own: (any Channel)?
    private var other: (any Channel)?
    private var waiting = ByteBuffer()
    private var hasEnded = false
    private var isUnderWay = false

    init(_ way: NodeNetwork.Way, _ network: NodeNetwork) {
        self.way = way
        self.network = network
    }

    /// Whether the connection has ended at both ends.
    var isOver: Bool { hasEnded && other?.isActive == false }

    func join(_ other: any Channel) {
        self.other = other
        proceed()
    }

    func breakOff() {
        own?.close(promise: nil)
        other?.close(promise: nil)
    }

    /// Passes on what waits, the end included, or reads more.
    func proceed() {
        guard !isUnderWay, let own, let other, network.isOpen(way) else { return }
        guard waiting.readableBytes > 0 else {
            if hasEnded {
                other.close(promise: nil)
            } else if own.isActive {
                own.read()
            }
            return
        }
        isUnderWay = true
        let delay = network.delay(of: way)
        if delay == .zero { return pass() }
        network.loop.scheduleTask(in: delay) { self.pass() }
    }

    private func pass() {
        guard let other, network.isOpen(way) else { return isUnderWay = false }
        let bytes = waiting
        waiting = ByteBuffer()
        other.writeAndFlush(bytes).whenComplete { _ in
            self.isUnderWay = false
            self.proceed()
        }
    }

    // MARK: - What its channel tells

    func handlerAdded(context: ChannelHandlerContext) { own = context.channel }
    func channelActive(context: ChannelHandlerContext) { proceed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        waiting.writeBuffer(&bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) { proceed() }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        proceed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
