import Consensus
import NIOCore
import NIOPosix
import NIOSSL

/// Connects one link, and connects it again whenever its connection has ended, after a pause that grows and is drawn
/// anew each time, so that nodes do not come at once.
///
/// Of two nodes the one with the lower id connects: if both did, two connections would have to agree on which one
/// stays.
final class Dialer: @unchecked Sendable {
    // What changes is touched on the event loop alone.
    let link: PeerLink
    private let transport: Transport
    private let loop: any EventLoop
    /// In a row, without success.
    private var attempts = 0
    private var next: Scheduled<Void>?
    private(set) var isStopped = false
    /// Whether it connects only to hear what it is told.
    private let asksOnce: Bool

    init(_ link: PeerLink, _ transport: Transport, on loop: any EventLoop, asksOnce: Bool = false) {
        self.asksOnce = asksOnce
        self.link = link
        self.transport = transport
        self.loop = loop
    }

    func dial() {
        loop.preconditionInEventLoop()
        next = nil
        guard !isStopped, let address = transport.address(of: link.peer) else { return }
        attempts += 1
        let limits = transport.configuration.limits
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limits.connectTimeMax))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: limits.waterMark)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let encryption = try NIOSSLClientHandler(
                        context: transport.credentials.client, serverHostname: nil)
                    let connection = Connection(transport, of: self, encryption: encryption)
                    try channel.pipeline.syncOperations.addHandlers(encryption, connection)
                }
            }
        let connected: EventLoopFuture<any Channel> =
            if let socket = try? SocketAddress(ipAddress: address.host, port: address.port) {
                bootstrap.connect(to: socket)
            } else {
                bootstrap.connect(host: address.host, port: address.port)
            }
        connected.whenFailure { [self] error in
            if attempts == 1, !asksOnce {
                transport.log.note(
                    .notice, "A peer cannot be reached; this node goes on trying", of: link,
                    ["address": "\(address)", "error": "\(error)"])
            }
            ended()
        }
    }

    func opened() { attempts = 0 }

    /// The connection, or the attempt, has ended.
    func ended() {
        guard !isStopped, !asksOnce, next == nil else { return }
        let limits = transport.configuration.limits
        let longest = min(limits.pauseMin * (1 << min(attempts, 20)), limits.pauseMax)
        let pause = longest * Double.random(in: 0.5...1)
        next = loop.scheduleTask(in: TimeAmount(pause)) { [self] in dial() }
    }

    func stop() {
        isStopped = true
        next?.cancel()
        next = nil
    }
}

extension TransportLimits {
    var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
        .init(low: max(1, unsentBytesMax / 2), high: max(1, unsentBytesMax))
    }
}
