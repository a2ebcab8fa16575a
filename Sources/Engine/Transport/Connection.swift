import Cluster
import Consensus
import NIOCore
import NIOSSL

/// One connection to a peer, behind its encryption. On its event loop alone.
///
///     greeting ──▶ open ──▶ ended
///
/// The node that connects greets first, the other answers. For either end the connection is open with the other's
/// greeting: a TLS client is through its handshake before the server has looked at its certificate.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// With what connects; nil where this node is connected to.
        case greeting(Dialer?)
        case open(PeerLink, Dialer?, Transport.Receiver?)
        case ended
    }

    let transport: Transport
    let encryption: NIOSSLHandler
    private(set) var phase: Phase
    private(set) var context: ChannelHandlerContext?
    /// Of the other end, as long as it is known.
    private(set) var address = ""
    private var received = ByteBuffer()
    private var ticking: RepeatedTask?
    private var ticks = 0
    private var silentTicks = 0
    private var hasSent = false

    init(_ transport: Transport, of dialer: Dialer?, encryption: NIOSSLHandler) {
        self.transport = transport
        self.encryption = encryption
        phase = .greeting(dialer)
    }

    private var limits: TransportLimits { transport.configuration.limits }

    // MARK: - Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        address = context.remoteAddress?.words ?? ""
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let tick = TimeAmount(limits.tick)
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in bound.value.tick() }
        guard case .greeting(let dialer) = phase else { return }
        if let dialer {
            write(.greeting, transport.greeting(to: dialer.link.peer, on: dialer.link.stream).encoded())
        } else if !transport.takeStranger() {
            // Before it counts as one.
            phase = .ended
            transport.log.note(.warning, "Too many connections have not said who they are")
            ticking?.cancel()
            context.close(promise: nil)
        }
    }

    func open(_ link: PeerLink, of dialer: Dialer?) {
        guard let context else { return }
        if dialer == nil { transport.leaveStranger() }
        // A peer that connects anew has given up the connection that it had.
        link.connection?.end("the peer has connected anew")
        phase = .open(link, dialer, transport.receiver(of: link.stream))
        link.attach(NIOLoopBound(self, eventLoop: context.eventLoop))
        dialer?.opened()
        transport.log.note(.info, "A peer is connected", of: link)
        transport.tell(link, isConnected: true)
    }

    /// - Parameter reason: for the log; nil when it is there already.
    func end(_ reason: String?) {
        let before = phase
        phase = .ended
        ticking?.cancel()
        switch before {
        case .ended: return
        case .greeting(let dialer):
            if dialer == nil { transport.leaveStranger() }
            if let reason {
                transport.log.note(
                    .notice, "A connection was not accepted", of: dialer?.link,
                    ["reason": "\(reason)", "address": "\(address)"])
            }
            dialer?.ended()
        case .open(let link, let dialer, _):
            link.detach()
            if let reason { transport.log.note(.info, "A peer is disconnected", of: link, ["reason": "\(reason)"]) }
            transport.tell(link, isConnected: false)
            dialer?.ended()
        }
        context?.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("the peer has closed it")
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(ConnectionFailure.words(for: error))
    }

    private func tick() {
        ticks += 1
        silentTicks += 1
        switch phase {
        case .greeting: if ticks > limits.handshakeTicksMax { end("it did not say who it is in time") }
        case .open:
            if silentTicks > limits.silentTicksMax { return end("nothing was heard for too long") }
            if !hasSent { write(.ping, []) }
            hasSent = false
        case .ended: break
        }
    }

    // MARK: - Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .ended = phase { return }
        silentTicks = 0
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
        do throws(LinkRefusal) { try takeFrames() } catch { refuse(error) }
    }

    private func takeFrames() throws(LinkRefusal) {
        var (frames, bytes) = (0, 0)
        while true {
            let contentMax = if case .open = phase { limits.frameBytesMax } else { TransportLimits.greetingBytesMax }
            guard let frame = try LinkFrame.read(from: &received, bytesMax: contentMax) else { break }
            switch (phase, frame.kind) {
            case (.open(let link, _, let receive), .frame):
                (frames, bytes) = (frames + 1, bytes + frame.content.count)
                receive?(link.peer, frame.content)
            case (.open, .ping): break
            case (.greeting(let dialer), .greeting): try welcome(try Greeting(frame.content), dialer)
            case (.greeting, .refusal), (.open, .refusal): turnedAway(frame.content)
            case (.ended, _): return
            default: throw .damagedFrame
            }
        }
        if case .open(let link, _, _) = phase, frames > 0 { link.countReceived(frames: frames, bytes: bytes) }
        received.discardReadBytes()
    }

    // MARK: - Sending

    /// Writes what waits, until the kernel takes no more; what has come together leaves together.
    func drain() {
        guard case .open(let link, _, _) = phase, let context else { return }
        while context.channel.isWritable, let batch = link.take() {
            let length = batch.bytes + batch.frames.count * LinkFrame.headerBytes
            var buffer = context.channel.allocator.buffer(capacity: length)
            for frame in batch.frames { LinkFrame.write(.frame, frame, into: &buffer) }
            hasSent = true
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drain() }
        context.fireChannelWritabilityChanged()
    }

    func write(_ kind: LinkFrame.Kind, _ content: [UInt8]) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: LinkFrame.headerBytes + content.count)
        LinkFrame.write(kind, content, into: &buffer)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}
