import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Holds one connection to its ``ConnectionLimits``, and tells a client whose bytes are no HTTP why it is turned away.
///
/// Looks at its clocks a few times a second instead of setting a timer per request: a request costs it two additions.
/// On HTTP/1 ``ReceivedBytes`` and ``HTTP1Codec`` stand before and behind the parser, and tell it what they see.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    // The parts of requests and answers, by the names that the server library gives them.
    typealias InboundIn = HTTPConnectionStateHandler.InboundIn
    typealias InboundOut = HTTPConnectionStateHandler.InboundOut
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = HTTPConnectionStateHandler.OutboundOut

    let limits: ConnectionLimits
    private let now: @Sendable () -> Int64
    let table: RouteTable
    private(set) var context: ChannelHandlerContext?
    private var check: RepeatedTask?

    /// A connection begins with a header that is due.
    private var incoming = Incoming.header
    /// When that began, in nanoseconds.
    private var incomingSince: Int64
    /// Bytes that came last, of the header so far, of a body beyond its content, and of a body that is not wanted.
    private var readBytes = 0
    private var headerBytes = 0
    private(set) var line = RequestLine()
    /// Whether the connection is one of HTTP/1.
    let hasParser: Bool
    private var framingBytes = 0
    private var discardedBytes = 0
    /// What is still to come of a body that told its length.
    private var contentAwaited = 0

    /// Requests whose head has come and whose answer is not complete.
    private var unanswered = 0
    /// When the oldest of them became the one to be answered, or was complete.
    private var answeringSince: Int64
    private var isAnswerBegun = false
    /// Whether what is being answered tells no length, and so may be a stream without end.
    private var isStream = false
    private var stall = StallWatch()
    /// Bytes of an answer on HTTP/2 that the client's window has not let pass.
    var streamBytes = 0
    /// What the client is told once the requests before are answered.
    private var fault: RequestFault?
    private var closing = Closing.no
    /// Whether the last answer is being sent, or read by the client.
    var isLingering: Bool { if case .lingering = closing { true } else { false } }

    /// - Parameter now: nanoseconds of a clock that never goes back.
    init(
        limits: ConnectionLimits, now: @escaping @Sendable () -> Int64, table: RouteTable, hasParser: Bool
    ) {
        (self.limits, self.now, self.table, self.hasParser) = (limits, now, table, hasParser)
        incomingSince = now()
        answeringSince = incomingSince
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let interval = TimeAmount(limits.checkInterval)
        let guardian = NIOLoopBound(self, eventLoop: context.eventLoop)
        check = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guardian.value.checkClocks()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        check?.cancel()
        (check, context) = (nil, nil)
    }

    // MARK: Bytes

    /// Counts bytes that have come.
    ///
    /// - Returns: whether the parser is to see them.
    func takes(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        let count = bytes.readableBytes
        if case .lingering = closing {
            discardedBytes += count
            if discardedBytes > limits.lingerBytesMax { context.close(promise: nil) }
            return false
        }
        readBytes = count
        switch incoming {
        case .nothing:
            begin(.header)
            (headerBytes, line) = (count, RequestLine(bytes))
        case .header:
            headerBytes += count
            line.take(bytes)
        case .body: framingBytes += count
        }
        return true
    }

    /// Looks at what the parser has left of the bytes, which is what frames a message.
    func checkFraming() {
        line.forget()
        switch incoming {
        case .nothing: break
        case .header where headerBytes > limits.headerBytesMax: fail(headerFault)
        case .body where framingBytes > limits.framingMax:
            fail(RequestFault(.bodyTooLarge, "What frames its chunks takes more than \(limits.framingMax) bytes."))
        case .header, .body: break
        }
    }

    /// The client sends nothing more, and most have gone altogether. An answer that has an end is still sent; of a
    /// stream without one it would be noticed only when something is written to it next.
    func inputClosed(_ context: ChannelHandlerContext) {
        if case .lingering = closing { return context.close(promise: nil) }
        if isAnswerBegun, isStream, unanswered == 1 { context.close(promise: nil) }
    }

    private func begin(_ incoming: Incoming) {
        self.incoming = incoming
        incomingSince = now()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What belongs to a request that has had its answer.
        if case .lingering = closing { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if !hasParser, let fault = limits.fault(in: head) { return fail(fault) }
            headCame()
            unanswered += 1
            contentAwaited = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
            if unanswered == 1 {
                answeringSince = incomingSince
                // Where no route takes such a body, its client is told so before it sends any of it.
                if contentAwaited <= RoutePolicy.standardBodyMax, head.expectsContinue {
                    context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
                }
            }
        case .body(let bytes):
            guard bodyCame(bytes.readableBytes) else { return }
        case .end: endCame()
        }
        context.fireChannelRead(data)
    }

    /// A request begins. One that has been turned away has its answer, and is not passed on.
    func headCame() {
        begin(.body)
        line.forget()
        // Where the header ends in what came last is not known; it counts as a frame, of which it is a small part.
        (framingBytes, discardedBytes) = (readBytes, 0)
    }

    /// Whether the connection outlives a body of so many bytes that is not read.
    func discards(_ contentLength: Int) -> Bool { contentLength <= limits.discardMax }

    /// So many bytes of its content have come.
    ///
    /// - Returns: whether the connection goes on.
    @discardableResult
    func bodyCame(_ count: Int) -> Bool {
        (framingBytes, contentAwaited) = (framingBytes - count, contentAwaited - count)
        guard unanswered == 0 else { return true }
        discardedBytes += count
        guard discardedBytes > limits.discardMax else { return true }
        close()
        return false
    }

    func endCame() {
        begin(.nothing)
        headerBytes = 0
        if unanswered == 1 { answeringSince = incomingSince }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .lingering = closing {
            // The client has had its answer; this one comes too late.
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var data = data
        switch unwrapOutboundIn(data) {
        case .head(let head):
            // The route's word on a body that broke off is not the last one.
            if unanswered == 1, incoming == .body, let fault {
                promise?.fail(ChannelError.ioOnClosedChannel)
                return refuse(fault)
            }
            isAnswerBegun = true
            isStream = !head.headerFields.contains(.contentLength)
            // The connection will end within the body: the client is not to send another request behind it.
            if unanswered == 1, incoming == .body, !discards(contentAwaited) {
                data = wrapOutboundOut(.head(Self.last(head)))
            }
        case .body(let bytes):
            stall.didWrite(bytes.readableBytes)
            if !hasParser { return write(bytes, of: context, promise) }
        case .end:
            isAnswerBegun = false
            unanswered = max(0, unanswered - 1)
            answeringSince = now()
            if unanswered == 0, incoming != .body { incomingSince = answeringSince }
        }
        context.write(data, promise: promise)
        if unanswered == 0, !isAnswerBegun, let fault { refuse(fault) }
    }

    // MARK: Limits

    private func checkClocks() {
        func isOver(_ limit: Duration, since: Int64) -> Bool { Duration.nanoseconds(now() - since) > limit }
        if let since = stall.look(waiting: waitingBytes, at: now()), isOver(limits.stallTimeMax, since: since) {
            return close()
        }
        if case .lingering(let since) = closing {
            if isOver(limits.lingerTimeMax, since: since) { close() }
            return
        }
        switch incoming {
        case .nothing where unanswered == 0 && isOver(limits.idleTimeMax, since: incomingSince): return close()
        case .header where unanswered == 0 && isOver(limits.headerTimeMax, since: incomingSince):
            // A connection on which nothing was ever said needs no answer.
            return headerBytes == 0 ? close() : refuse(RequestFault(.requestTimeout))
        case .body where isOver(limits.bodyTimeMax, since: incomingSince):
            return unanswered == 0 ? close() : fail(RequestFault(.requestTimeout))
        default: break
        }
        // An answer that has begun may be a stream without end.
        if unanswered > (incoming == .body ? 1 : 0), !isAnswerBegun, isOver(limits.answerTimeMax, since: answeringSince)
        {
            refuse(RequestFault(.timeLimitExceeded))
        }
    }

    /// Within a body the route's reader gets the error, so that it never takes half of a body for the whole.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let fault: RequestFault
        switch error {
        case let error as RequestFault: fault = error
        case HTTPParserError.closedConnection:
            // Bytes behind a request that was to be the last one; its answer ends the connection.
            return
        case HTTPParserError.invalidEOFState where incoming != .body && unanswered == 0: return close()
        case let error as HTTPParserError: fault = self.fault(of: error)
        default: return context.fireErrorCaught(error)
        }
        fail(fault)
    }

    /// Refuses what is coming, after the answers to the requests before it.
    private func fail(_ fault: RequestFault) {
        guard self.fault == nil, case .no = closing else { return }
        self.fault = fault
        // The rest of a body whose request has its answer.
        if incoming == .body, unanswered == 0 { return linger() }
        let isOfBody = incoming == .body
        if unanswered == (isOfBody ? 1 : 0) { refuse(fault) }
        if isOfBody { context?.fireErrorCaught(BodyBrokeOff()) }
    }

    private func refuse(_ fault: RequestFault) {
        guard let context, case .no = closing else { return }
        guard !isAnswerBegun else { return close() }
        closing = .lingering(since: now())
        discardedBytes = 0
        let answer = BareAnswer(fault.problem, isLast: true)
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.linger() }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    /// Sends nothing more, and gives the client time to read what it has been sent.
    func linger() {
        guard let context else { return }
        closing = .lingering(since: now())
        context.close(mode: .output, promise: nil)
    }

    private func close() { context?.close(promise: nil) }
}
