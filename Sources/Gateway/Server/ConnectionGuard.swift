import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Holds one connection to its ``ConnectionLimits``, and tells a client whose bytes are no HTTP why it is turned away.
///
/// Looks at its clocks a few times a second instead of setting a timer per request: a request costs it two additions.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    // The parts of requests and answers, by the names that the server library gives them.
    typealias InboundIn = HTTPConnectionStateHandler.InboundIn
    typealias InboundOut = HTTPConnectionStateHandler.InboundOut
    typealias OutboundIn = HTTPConnectionStateHandler.OutboundIn
    typealias OutboundOut = HTTPConnectionStateHandler.OutboundOut

    private enum Phase {
        case awaitingHeader
        case readingBody
        case answering
        /// The answer is complete, its request is not: nobody wants the rest.
        case discarding(bytes: Int)
    }

    private let limits: ConnectionLimits
    private let now: @Sendable () -> Int64
    private var phase = Phase.awaitingHeader
    /// When the phase began, in nanoseconds.
    private var since: Int64
    private var isAnswerBegun = false
    /// Since when the channel has had more to send than it takes; nil while it takes more.
    private var stalledSince: Int64?
    private var isClosing = false
    private var check: RepeatedTask?

    /// - Parameter now: nanoseconds of a clock that never goes back.
    init(limits: ConnectionLimits, now: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.now = now
        since = now()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let interval = TimeAmount(limits.checkInterval)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        let guardian = NIOLoopBound(self, eventLoop: context.value.eventLoop)
        check = context.value.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guardian.value.checkClocks(context.value)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        check?.cancel()
        check = nil
        context.fireChannelInactive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // A pipelined request comes before the answer to the one before; the answer's clock runs on.
            if case .answering = phase {} else { enter(.readingBody) }
            if head.headerFields[.expect]?.lowercased() == "100-continue", case .readingBody = phase {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body(let bytes):
            if case .discarding(let before) = phase {
                phase = .discarding(bytes: before + bytes.readableBytes)
                guard before + bytes.readableBytes <= limits.discardMax else {
                    close(context)
                    return
                }
            }
        case .end:
            switch phase {
            case .discarding: enter(.awaitingHeader)
            case .readingBody: enter(.answering)
            case .awaitingHeader, .answering: break
            }
        }
        context.fireChannelRead(data)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            // The client has had its answer; this one comes too late.
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head: isAnswerBegun = true
        case .body: break
        case .end:
            isAnswerBegun = false
            switch phase {
            case .readingBody: enter(.discarding(bytes: 0))
            case .answering: enter(.awaitingHeader)
            case .awaitingHeader, .discarding: break
            }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalledSince = context.channel.isWritable ? nil : now()
        context.fireChannelWritabilityChanged()
    }

    private func enter(_ phase: Phase) {
        self.phase = phase
        since = now()
    }

    // MARK: Limits

    private func checkClocks(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        if let stalledSince, Duration.nanoseconds(now() - stalledSince) > limits.stallTimeMax { return close(context) }
        let elapsed = Duration.nanoseconds(now() - since)
        switch phase {
        case .awaitingHeader where elapsed > limits.headerTimeMax: close(context)
        case .readingBody where elapsed > limits.bodyTimeMax: refuse(.requestTimeout, context)
        case .discarding where elapsed > limits.bodyTimeMax: close(context)
        // An answer that has begun may be a stream without end.
        case .answering where !isAnswerBegun && elapsed > limits.answerTimeMax: refuse(.timeLimitExceeded, context)
        default: break
        }
    }

    /// A header that cannot be read has no request to answer it. Within a body the route's reader gets the error, so
    /// that it never takes half of a body for the whole.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, case .awaitingHeader = phase, !isClosing else {
            context.fireErrorCaught(error)
            return
        }
        switch error {
        case .headerOverflow: refuse(.headersTooLarge, context)
        case .invalidEOFState, .closedConnection: close(context)
        default: refuse(.malformedRequest, context)
        }
    }

    private func refuse(_ code: ProblemCode, _ context: ChannelHandlerContext) {
        guard !isAnswerBegun else {
            close(context)
            return
        }
        isClosing = true
        let document = Problem(code).document(requestID: nil)
        let fields: HTTPFields = [
            .contentType: Problem.mediaType, .contentLength: String(document.count), .connection: "close",
        ]
        context.write(wrapOutboundOut(.head(HTTPResponse(status: code.status, headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: document))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    private func close(_ context: ChannelHandlerContext) {
        isClosing = true
        context.close(promise: nil)
    }
}
