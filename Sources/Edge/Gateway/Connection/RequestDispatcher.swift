import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Hands the requests of one connection to the responder, one after the other, and writes their answers. A stream of
/// HTTP/2 is a connection of one request.
///
/// Nearly every request comes in one piece, body and all: it is handed on as a whole when its last byte is there, and
/// its answer is written as a whole. A body of which more is to come is a stream, which its reader holds back by not
/// reading.
final class RequestDispatcher: ChannelDuplexHandler, RemovableChannelHandler {
    // The parts of requests and answers, by the names that the server library gives them.
    typealias InboundIn = HTTPConnectionStateHandler.InboundIn
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = HTTPConnectionStateHandler.OutboundOut

    /// What is coming from the client.
    private enum Incoming {
        case nothing
        /// All that has come of a request since the channel began to be read.
        case request(HTTPRequest, ByteBuffer?)
        /// The rest of a body, for its reader.
        case body(BodyStream)
        /// The rest of a body that is not wanted.
        case rest
    }

    private let exchange: Exchange
    private var context: ChannelHandlerContext?
    private var incoming = Incoming.nothing
    /// The client's next requests, which it sends without waiting for the answer.
    private var waiting = CircularBuffer<InboundIn>()
    private var isAnswering = false
    private var isHandingOn = false
    /// Whether the channel has more to send than it takes: the client is to read before it is answered again.
    private var isStalled = false
    private var isReadHeld = false

    init(_ exchange: Exchange) { self.exchange = exchange }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        exchange.begin(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        waiting.removeAll()
        if case .body(let stream) = incoming { stream.breakOff() }
        incoming = .nothing
        exchange.end()
        context.fireChannelInactive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .nothing = incoming, isAnswering || isStalled || !waiting.isEmpty {
            waiting.append(part)
        } else {
            take(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        openBody()
        context.fireChannelReadComplete()
    }

    /// A client that is ahead of its answers, or of its body's reader, is not read from.
    func read(context: ChannelHandlerContext) {
        if holdsReads { isReadHeld = true } else { context.read() }
    }

    private var holdsReads: Bool {
        if case .body(let stream) = incoming, stream.isFull { return true }
        return !waiting.isEmpty
    }

    private func readAgain() {
        guard isReadHeld, !holdsReads else { return }
        isReadHeld = false
        context?.read()
    }

    private func take(_ part: InboundIn) {
        switch (part, incoming) {
        case (.head(let head), _): incoming = .request(head, nil)
        case (.body(let bytes), .request(let head, nil)): incoming = .request(head, bytes)
        case (.body(var bytes), .request(let head, var body?)):
            incoming = .nothing
            body.writeBuffer(&bytes)
            incoming = .request(head, body)
        case (.body(let bytes), .body(let stream)): stream.yield(bytes)
        case (.body, _): break
        case (.end, .request(let head, let body)):
            incoming = .nothing
            answer(head, RequestBody(buffer: body ?? ByteBuffer()))
        case (.end, .body(let stream)):
            incoming = .nothing
            stream.finish()
        case (.end, _): incoming = .nothing
        }
    }

    /// A request of which more is to come begins with what is there.
    private func openBody() {
        guard case .request(let head, let bytes) = incoming else { return }
        let stream = BodyStream { [exchange] in exchange.readAgain() }
        incoming = .body(stream)
        if let bytes { stream.yield(bytes) }
        answer(head, RequestBody(asyncSequence: stream.bytes))
    }

    /// The reader of a body has taken what there was.
    func bodyIsRead() {
        if case .body(let stream) = incoming { stream.isFull = false }
        readAgain()
    }

    /// A body that breaks off is an error to its reader; who refuses the request is what noticed it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch incoming {
        case .body(let stream): stream.breakOff()
        case .nothing, .request, .rest: break
        }
        incoming = .rest
        if !(error is BodyBrokeOff) { context.close(promise: nil) }
    }

    // MARK: Answers

    private func answer(_ head: HTTPRequest, _ body: RequestBody) {
        isAnswering = true
        exchange.answer(Request(head: head, body: body))
    }

    /// Writes a part of an answer.
    func write(_ part: OutboundOut, promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(wrapOutboundOut(part), promise: promise)
    }

    /// Writes a part of an answer and sends all that is written.
    func send(_ part: OutboundOut, promise: EventLoopPromise<Void>?) {
        write(part, promise: promise)
        context?.flush()
    }

    /// The answer is written to its end. The next request is due, once the client has read enough.
    ///
    /// - Parameter isWhole: whether the client has been sent all of the answer.
    func answered(isWhole: Bool) {
        isAnswering = false
        guard let context else { return }
        guard isWhole else {
            context.close(promise: nil)
            return
        }
        if case .body(let stream) = incoming {
            stream.finish()
            incoming = .rest
        }
        handOn()
    }

    private func handOn() {
        // An answer may be given before this returns.
        guard !isHandingOn else { return }
        isHandingOn = true
        while !isAnswering, !isStalled, let part = waiting.popFirst() { take(part) }
        isHandingOn = false
        if waiting.isEmpty { openBody() }
        readAgain()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isStalled = !context.channel.isWritable
        if !isStalled { handOn() }
        context.fireChannelWritabilityChanged()
    }
}
