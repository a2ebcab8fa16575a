import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypesHTTP2
import NIOSSL
import NIOTLS

/// What stands between the bytes of a connection and the responder: HTTP/1.1 in the clear, and under TLS the version
/// on which client and server agree (ALPN, RFC 7301).
///
/// What holds for a connection of HTTP/1.1 holds for each stream of HTTP/2; the connection around the streams may be
/// idle as long, and the library bounds its streams, frames and resets.
struct RequestChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let requests: OpenRequests
        let channel: any Channel
    }

    let responder: GatewayResponder
    let limits: ConnectionLimits
    let clock: GatewayClock
    let shedding: LoadShedding
    let table: RouteTable
    /// Nil for connections in the clear.
    let certificate: ServerCertificate?
    private let answers = AnswerQueues()

    /// - Parameter routes: all of them.
    init(_ routes: GatewayRoutes, _ certificate: ServerCertificate?) {
        let pipeline = routes.pipeline
        (responder, limits, clock) = (routes.responder(), pipeline.configuration.connections, pipeline.clock)
        (shedding, table) = (routes.shedding, routes.table)
        self.certificate = certificate
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let requests = OpenRequests(of: channel)
            try channel.syncOptions?.setOption(.tcpOption(.unsentLowWaterMark), value: Self.unsentMax)
            if let certificate {
                try encrypt(channel, certificate, requests, logger)
            } else {
                try addHTTP1(channel, requests, logger)
            }
            return Value(requests: requests, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        try? await value.requests.areOver.get()
    }

    /// Bytes that the system takes of an answer beyond what is on its way to the client. Without a limit it takes what
    /// fits its send buffer, megabytes, and says nothing of a client that reads slowly until a third of that is free.
    private static let unsentMax = 64 << 10

    private func encrypt(
        _ channel: any Channel, _ certificate: ServerCertificate, _ requests: OpenRequests, _ logger: Logger
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        // Asked for anew by each connection: the certificate may have been renewed.
        try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
        try pipeline.addHandler(HandshakeGuard(limit: limits.handshakeTimeMax))
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    switch result {
                    case .negotiated("h2"): try addHTTP2(channel, requests, logger)
                    case .negotiated("http/1.1"), .fallback: try addHTTP1(channel, requests, logger)
                    case .negotiated: throw NIOHTTP2Errors.invalidALPNToken()
                    }
                }.flatMapError { error in
                    logger.debug("A connection has no protocol", metadata: ["error": "\(error)"])
                    return channel.close()
                }
            })
    }

    private func addHTTP1(_ channel: any Channel, _ requests: OpenRequests, _ logger: Logger) throws {
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerFieldMax
        decoding.maxHeaderListSize = limits.headersMax
        decoding.maxHeaderFieldCount = limits.headerCountMax
        let parser = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoding)
        let connection = makeGuard(hasParser: true)
        let bytes = ReceivedBytes(connection)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(bytes)
        try pipeline.addHandler(ByteToMessageHandler(parser))
        try pipeline.addHandler(HTTP1Codec(connection, bytes, shedding))
        try pipeline.addHandler(connection)
        try pipeline.addHandler(makeDispatcher(channel, requests, logger))
    }

    private func addHTTP2(_ channel: any Channel, _ requests: OpenRequests, _ logger: Logger) throws {
        let manager = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: TimeAmount(limits.idleTimeMax), maxAge: nil,
                maxGraceTime: TimeAmount(limits.answerTimeMax), keepalive: nil))
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: .init(), streamConfiguration: .init(),
            streamDelegate: manager.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                try pipeline.addHandler(ConnectionFieldFilter())
                try pipeline.addHandler(makeGuard(hasParser: false))
                try pipeline.addHandler(makeDispatcher(stream, requests, logger))
            }
        }
        try pipeline.addHandler(manager)
    }

    private func makeGuard(hasParser: Bool) -> ConnectionGuard {
        ConnectionGuard(limits: limits, now: clock.monotonic, table: table, hasParser: hasParser)
    }

    private func makeDispatcher(
        _ channel: any Channel, _ requests: OpenRequests, _ logger: Logger
    ) -> RequestDispatcher {
        RequestDispatcher(
            Exchange(channel, requests, responder, answers.queue(of: channel.eventLoop), logger))
    }
}

/// Counts the requests of a connection, which may outlive it.
final class OpenRequests: Sendable {
    private let count: NIOLoopBoundBox<Int>
    private let over: EventLoopPromise<Void>

    init(of channel: any Channel) {
        // The connection itself is one more.
        count = NIOLoopBoundBox(1, eventLoop: channel.eventLoop)
        over = channel.eventLoop.makePromise()
        channel.closeFuture.whenComplete { _ in self.end() }
    }

    /// Done when the connection is closed and none of its requests is being worked on.
    var areOver: EventLoopFuture<Void> { over.futureResult }

    func begin() { count.value += 1 }

    func end() {
        count.value -= 1
        if count.value == 0 { over.succeed() }
    }
}

extension NIOBSDSocket.Option {
    /// `TCP_NOTSENT_LOWAT`: tcp(7), and Darwin's `netinet/tcp.h`.
    #if os(Linux)
        fileprivate static let unsentLowWaterMark = Self(rawValue: 25)
    #else
        fileprivate static let unsentLowWaterMark = Self(rawValue: 0x201)
    #endif
}
