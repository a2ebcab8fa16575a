import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// One connection as its responder's tasks see it, on whatever thread they run.
final class Exchange: Sendable {
    typealias Part = RequestDispatcher.OutboundOut

    private let channel: any Channel
    private let requests: OpenRequests
    private let responder: GatewayResponder
    private let answers: AnswerQueue
    private let logger: Logger
    /// Nil before the connection's handlers stand, and when it has ended.
    private let dispatcher: NIOLoopBoundBox<RequestDispatcher?>

    init(
        _ channel: any Channel, _ requests: OpenRequests, _ responder: GatewayResponder, _ answers: AnswerQueue,
        _ logger: Logger
    ) {
        (self.channel, self.requests, self.responder) = (channel, requests, responder)
        (self.answers, self.logger) = (answers, logger)
        dispatcher = NIOLoopBoundBox(nil, eventLoop: channel.eventLoop)
    }

    // MARK: On the event loop

    func begin(_ dispatcher: RequestDispatcher) { self.dispatcher.value = dispatcher }

    func end() { dispatcher.value = nil }

    func answer(_ request: Request) {
        requests.begin()
        Task { await respond(to: request) }
    }

    /// Writes an answer, or the rest of one.
    func write(_ answer: AnswerQueue.Answer) {
        requests.end()
        guard let dispatcher = dispatcher.value else { return }
        if let head = answer.head {
            dispatcher.write(.head(head), promise: nil)
            if let body = answer.body { dispatcher.write(.body(body), promise: nil) }
        }
        if answer.isWhole { dispatcher.send(.end(answer.trailers), promise: nil) }
        dispatcher.answered(isWhole: answer.isWhole)
    }

    // MARK: On any thread

    /// The reader of a body has taken what there was.
    func readAgain() {
        channel.eventLoop.execute { self.dispatcher.value?.bodyIsRead() }
    }

    private func respond(to request: Request) async {
        let context = GatewayContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        do {
            var response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch is BodyBrokeOff {
                // There is no client, or what noticed it has refused the request.
                return answers.add(AnswerQueue.Answer(exchange: self))
            }
            response.headers[.date] = HTTPDate.now()
            try await response.body.write(AnswerWriter(self, response.head, length: response.body.contentLength))
        } catch {
            // Of an answer that breaks off the client can be told nothing more.
            answers.add(AnswerQueue.Answer(exchange: self, isWhole: false))
        }
    }

    /// Writes parts of an answer, and waits until they are sent.
    ///
    /// - Throws: when the connection has ended.
    func send(_ parts: [Part]) async throws {
        try await channel.eventLoop.flatSubmit {
            let written = self.channel.eventLoop.makePromise(of: Void.self)
            guard let dispatcher = self.dispatcher.value else {
                written.fail(ChannelError.ioOnClosedChannel)
                return written.futureResult
            }
            for part in parts.dropLast() { dispatcher.write(part, promise: nil) }
            dispatcher.send(parts[parts.count - 1], promise: written)
            return written.futureResult
        }.get()
    }

    /// Ends an answer.
    ///
    /// - Parameters: what of it is not written yet.
    func finish(_ head: HTTPResponse?, _ body: ByteBuffer?, _ trailers: HTTPFields?) {
        answers.add(AnswerQueue.Answer(exchange: self, head: head, body: body, trailers: trailers))
    }
}

/// Writes the body of an answer: at once with the head where it comes in one piece, else piece by piece, each when the
/// one before it is sent.
struct AnswerWriter: ResponseBodyWriter {
    private let exchange: Exchange
    /// What is not written yet.
    private var head: HTTPResponse?
    private var body: ByteBuffer?
    private let length: Int?

    init(_ exchange: Exchange, _ head: HTTPResponse, length: Int?) {
        (self.exchange, self.head, self.length) = (exchange, head, length)
    }

    /// Of a longer piece slices are sent: a client that takes one takes something (`ConnectionLimits.stallTimeMax`).
    private static let sliceMax = 128 << 10

    mutating func write(_ piece: ByteBuffer) async throws {
        if head != nil, body == nil, piece.readableBytes == length, piece.readableBytes <= Self.sliceMax {
            body = piece
            return
        }
        var parts: [Exchange.Part] = []
        if let head { parts.append(.head(head)) }
        if let body { parts.append(.body(body)) }
        (head, body) = (nil, nil)
        var rest = piece
        repeat {
            guard let slice = rest.readSlice(length: min(rest.readableBytes, Self.sliceMax)) else { break }
            try await exchange.send(parts + [.body(slice)])
            parts = []
        } while rest.readableBytes > 0
    }

    consuming func finish(_ trailers: HTTPFields?) async throws { exchange.finish(head, body, trailers) }
}
