import NIOCore
import NIOHTTP1

/// Looks at the head of each request of HTTP/1 before anything else does, and frames its answer.
///
/// What RFC 9112 wants of a server beyond parsing: one Host (section 3.2), no transfer coding but chunked (section
/// 6.1), no body behind the answer to HEAD (RFC 9110, section 9.3.2), no chunks to HTTP/1.0, and an end of the
/// connection where the client does not keep it. Under overload it turns requests away (``LoadShedding``).
final class RequestHeads: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request whose answer is not complete.
    private struct Exchange {
        let isHead: Bool
        let isHTTP10: Bool
        var keepsAlive: Bool
    }

    /// Oldest first: answers come in the order of the requests.
    private var exchanges = CircularBuffer<Exchange>(initialCapacity: 2)
    private var hasFailed = false
    /// Whether what is coming belongs to a request that has been turned away.
    private var isTurningAway = false
    private let connection: ConnectionGuard
    private let received: ReceivedBytes
    private let shedding: LoadShedding

    /// - Parameters:
    ///   - connection: stands behind this handler, and is told of the requests that do not come to it, and of the end
    ///     of the last answer.
    ///   - received: stands before this handler, and sends the answers to them.
    init(_ connection: ConnectionGuard, _ received: ReceivedBytes, _ shedding: LoadShedding) {
        self.connection = connection
        self.received = received
        self.shedding = shedding
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            let fields = HeadFields(head.headers)
            let fault = fields.fault(in: head.version) ?? TargetAuthority.fault(in: head.uri)
            let exchange = Exchange(
                isHead: head.method == .HEAD, isHTTP10: head.version.minor == 0,
                // The parser takes what follows an upgrade for another protocol, which it is not.
                keepsAlive: fault == nil && head.isKeepAlive && !fields.hasUpgrade && head.method != .CONNECT)
            if exchange.keepsAlive, !exchange.isHTTP10, exchanges.isEmpty, connection.discards(fields.contentLength),
                let answer = shedding.answer(to: head, fields)
            {
                isTurningAway = true
                connection.headCame()
                return received.send(answer)
            }
            exchanges.append(exchange)
            if let fault {
                hasFailed = true
                return context.fireErrorCaught(fault)
            }
        case .body(let bytes) where isTurningAway:
            connection.bodyCame(bytes.readableBytes)
            return
        case .end where isTurningAway:
            isTurningAway = false
            return connection.endCame()
        case .body, .end: break
        }
        context.fireChannelRead(data)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where (100..<200).contains(head.status.code): context.write(data, promise: promise)
        case .head(let head): write(head, context, promise)
        case .body where exchanges.first?.isHead == true: writeNothing(context, promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let exchange = exchanges.popFirst()
            let isLast = exchange?.keepsAlive == false
            let written = isLast ? promise ?? context.eventLoop.makePromise(of: Void.self) : promise
            if let written, isLast {
                let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
                written.futureResult.whenComplete { _ in bound.value.connection.linger() }
            }
            // The encoder would end the chunks of an answer to HEAD, of which there are none.
            if exchange?.isHead == true {
                writeNothing(context, written)
            } else {
                context.write(data, promise: written)
            }
        }
    }

    private func write(_ head: HTTPResponseHead, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard !exchanges.isEmpty else { return context.write(wrapOutboundOut(.head(head)), promise: promise) }
        var head = head
        if head.headers["connection"].contains("close") { exchanges[exchanges.startIndex].keepsAlive = false }
        if exchanges[exchanges.startIndex].isHTTP10, head.status.mayHaveResponseBody,
            !head.headers.contains(name: "content-length")
        {
            // Its end is the connection's.
            head.version = .http1_0
            exchanges[exchanges.startIndex].keepsAlive = false
        }
        let exchange = exchanges[exchanges.startIndex]
        if !exchange.keepsAlive {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if exchange.isHTTP10 {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    /// Keeps the promise in its place among the others.
    private func writeNothing(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: promise)
    }
}
