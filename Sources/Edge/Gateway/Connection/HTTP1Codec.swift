import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Turns what the parser of HTTP/1 has found into requests, and answers into bytes.
///
/// What RFC 9112 wants of a server beyond parsing: one Host (section 3.2), no transfer coding but chunked (section
/// 6.1), no body behind the answer to HEAD (RFC 9110, section 9.3.2), no chunks to HTTP/1.0, and an end of the
/// connection where the client does not keep it. Under overload it turns requests away (``LoadShedding``).
final class HTTP1Codec: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPConnectionStateHandler.InboundIn
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = ByteBuffer

    /// A request whose answer is not complete.
    private struct Unanswered {
        let isHead: Bool
        let isHTTP10: Bool
        var keepsAlive: Bool
    }

    /// Oldest first: answers come in the order of the requests.
    private var unanswered = CircularBuffer<Unanswered>(initialCapacity: 2)
    private var hasFailed = false
    /// Whether the answer to what has come is the last one: the client sends no more, or the server shuts down.
    private var isLast = false
    /// Whether what is coming belongs to a request that has been turned away.
    private var isTurningAway = false
    private var names = FieldNames()
    private var answer = AnswerBytes()
    private let connection: ConnectionGuard
    private let received: ReceivedBytes
    private let shedding: LoadShedding

    /// - Parameters:
    ///   - connection: stands behind this handler, and is told of the requests that do not come to it, and of the end
    ///     of the last answer.
    ///   - received: stands before the parser, and sends the answers to them.
    init(_ connection: ConnectionGuard, _ received: ReceivedBytes, _ shedding: LoadShedding) {
        self.connection = connection
        self.received = received
        self.shedding = shedding
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): take(head, context)
        case .body(let bytes):
            if isTurningAway {
                connection.bodyCame(bytes.readableBytes)
            } else {
                context.fireChannelRead(wrapInboundOut(.body(bytes)))
            }
        case .end:
            // No route looks at trailers.
            guard isTurningAway else { return context.fireChannelRead(wrapInboundOut(.end(nil))) }
            isTurningAway = false
            connection.endCame()
        }
    }

    private func take(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let fields = HeadFields(head.headers)
        let fault = fields.fault(in: head.version) ?? TargetAuthority.fault(in: head.uri)
        let request = Unanswered(
            isHead: head.method == .HEAD, isHTTP10: head.version.minor == 0,
            // The parser takes what follows an upgrade for another protocol, which it is not.
            keepsAlive: fault == nil && head.isKeepAlive && !fields.hasUpgrade && head.method != .CONNECT)
        if request.keepsAlive, !request.isHTTP10, unanswered.isEmpty, connection.discards(fields.contentLength),
            let answer = shedding.answer(to: head, fields)
        {
            isTurningAway = true
            connection.headCame()
            return received.send(answer)
        }
        unanswered.append(request)
        guard fault == nil, let head = HTTPRequest(head, &names) else {
            hasFailed = true
            return context.fireErrorCaught(fault ?? RequestFault(.malformedRequest))
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed:
            isLast = true
            // An answer that is being sent ends the connection itself.
            if unanswered.isEmpty, !connection.isLingering { context.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): answer.begin(head, framing(of: head))
        case .body(let piece) where !answer.takes(piece): break
        case .body(let piece) where piece.readableBytes > AnswerBytes.copiedMax:
            answer.beginPiece(piece.readableBytes)
            writeBytes(context, nil)
            context.write(wrapOutboundOut(piece), promise: promise)
            return answer.endPiece()
        case .body(let piece): answer.append(piece)
        case .end(let trailers):
            answer.end(trailers)
            let isKept = unanswered.popFirst()?.keepsAlive ?? true
            // A stream may have begun before it was known to be the last answer.
            guard !isKept || isLast && unanswered.isEmpty else { break }
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in bound.value.connection.linger() }
            return writeBytes(context, written)
        }
        if promise != nil { writeBytes(context, promise) }
    }

    func flush(context: ChannelHandlerContext) {
        if !answer.isEmpty { writeBytes(context, nil) }
        context.flush()
    }

    private func writeBytes(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(answer.take()), promise: promise)
    }

    /// How the answer to the oldest request is framed. What is said before an answer has no framing of its own, nor has
    /// an answer to bytes that were no request.
    private func framing(of head: HTTPResponse) -> AnswerBytes.Framing {
        guard head.status.kind != .informational, !unanswered.isEmpty else { return AnswerBytes.Framing() }
        let oldest = unanswered.startIndex
        if head.headerFields[.connection] == "close" { unanswered[oldest].keepsAlive = false }
        let hasLength = head.headerFields.contains(.contentLength)
        let endsWithConnection = unanswered[oldest].isHTTP10 && !hasLength && head.status.mayHaveBody
        if endsWithConnection || isLast && unanswered.count == 1 { unanswered[oldest].keepsAlive = false }
        let exchange = unanswered[oldest]
        return AnswerBytes.Framing(
            version: endsWithConnection ? "HTTP/1.0" : "HTTP/1.1",
            connection: exchange.keepsAlive ? exchange.isHTTP10 ? "keep-alive" : nil : "close",
            isChunked: !hasLength && !endsWithConnection && head.status.mayHaveBody,
            hasBody: !exchange.isHead && head.status.mayHaveBody)
    }
}

extension HTTPResponse.Status {
    /// Source: RFC 9110, section 6.4.1.
    var mayHaveBody: Bool { kind != .informational && self != .noContent && self != .notModified }
}
