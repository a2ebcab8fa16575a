import NIOCore
import Synchronization

/// Accepts connections while there is room for them, in all and for each address, and says so in the log when there is
/// none.
///
/// It sits on the listening channel, below everything that a connection speaks. While the node is full, or the system
/// has no file descriptor left, it asks for no connection, so that they wait in the backlog and cost nothing.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// How long it stops accepting when the system refuses a connection; five more tries a second cost nothing.
    private static let pauseAfterError = TimeAmount.milliseconds(200)

    private let max: Int
    private let addresses: ConnectionAddresses
    private let notice: ConnectionNotice
    private let open: Gauge
    private var isPaused = false
    /// The channel wanted to read and was not let.
    private var isReadWithheld = false

    init(max: Int, addresses: ConnectionAddresses, notice: ConnectionNotice, open: Gauge) {
        self.max = max
        self.addresses = addresses
        self.notice = notice
        self.open = open
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        open.add(1)
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        connection.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            bound.value.gate.open.add(-1)
            bound.value.gate.resume(bound.value.context)
        }
        // Queued before what sets the connection up, and so before it becomes active.
        connection.pipeline.addHandler(AddressCheck(addresses), position: .first).whenFailure { _ in
            connection.close(promise: nil)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if open.value >= max { notice.tell(.full(max)) }
        guard !isPaused, open.value < max else {
            isReadWithheld = true
            return
        }
        context.read()
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isReadWithheld, !isPaused, open.value < max else { return }
        isReadWithheld = false
        context.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        notice.tell(.notAccepted("\(error)"))
        guard !isPaused else { return }
        isPaused = true
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.pauseAfterError) {
            bound.value.gate.isPaused = false
            bound.value.gate.resume(bound.value.context)
        }
    }
}

/// Looks at a connection's address once the system tells it, then leaves.
private final class AddressCheck: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let addresses: ConnectionAddresses

    init(_ addresses: ConnectionAddresses) { self.addresses = addresses }

    func channelActive(context: ChannelHandlerContext) {
        let peer = context.channel.remoteAddress
        if !addresses.uncounted.contains(peer) {
            let address = ClientAddress(peer)
            guard addresses.enter(address) else { return context.close(promise: nil) }
            context.channel.closeFuture.whenComplete { [addresses] _ in addresses.leave(address) }
        }
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

/// How many connections each address has open.
final class ConnectionAddresses: Sendable {
    private let max: Int
    private let notice: ConnectionNotice
    private let counts = Mutex<[ClientAddress: Int]>([:])
    /// Proxies, whose address is that of all who come through them.
    let uncounted: TrustedProxies

    init(max: Int, uncounted: TrustedProxies, notice: ConnectionNotice) {
        self.max = max
        self.uncounted = uncounted
        self.notice = notice
    }

    /// Whether there is room for one more, which then must ``leave(_:)``.
    func enter(_ address: ClientAddress) -> Bool {
        let isRoom = counts.withLock { counts in
            guard counts[address, default: 0] < max else { return false }
            counts[address, default: 0] += 1
            return true
        }
        if !isRoom { notice.tell(.addressFull(address.description, max)) }
        return isRoom
    }

    func leave(_ address: ClientAddress) {
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count - 1 : nil
        }
    }
}
