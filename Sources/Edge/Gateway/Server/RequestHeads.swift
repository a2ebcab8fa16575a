import NIOCore
import NIOHTTP1

/// Looks at the head of each request of HTTP/1 before anything else does, and frames its answer.
///
/// What RFC 9112 wants of a server beyond parsing: one Host (section 3.2), no transfer coding but chunked (section
/// 6.1), no body behind the answer to HEAD (RFC 9110, section 9.3.2), no chunks to HTTP/1.0, and an end of the
/// connection where the client does not keep it.
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
    private let onLastAnswer: () -> Void

    /// - Parameter onLastAnswer: called when the last answer of the connection has been sent.
    init(onLastAnswer: @escaping () -> Void) { self.onLastAnswer = onLastAnswer }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasFailed else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            let fields = Fields(head.headers)
            let fault = fields.fault(in: head.version) ?? TargetAuthority.fault(in: head.uri)
            exchanges.append(
                Exchange(
                    isHead: head.method == .HEAD, isHTTP10: head.version.minor == 0,
                    // The parser takes what follows an upgrade for another protocol, which it is not.
                    keepsAlive: fault == nil && head.isKeepAlive && !fields.hasUpgrade && head.method != .CONNECT))
            if let fault {
                hasFailed = true
                return context.fireErrorCaught(fault)
            }
        }
        context.fireChannelRead(data)
    }

    /// The fields that decide where a request ends and for whom it is, found in one pass.
    private struct Fields {
        private(set) var hasUpgrade = false
        private var hosts = 0
        private var isHostValid = true
        private var codings: String?

        init(_ headers: HTTPHeaders) {
            for (name, value) in headers {
                // Few names have these lengths; the others are not compared.
                switch name.utf8.count {
                case 4 where name.lowercased() == "host":
                    hosts += 1
                    isHostValid = isHostValid && HostField.isValid(value)
                case 7 where name.lowercased() == "upgrade": hasUpgrade = true
                case 17 where name.lowercased() == "transfer-encoding":
                    codings = codings.map { $0 + "," + value } ?? value
                default: break
                }
            }
        }

        func fault(in version: HTTPVersion) -> RequestFault? {
            if hosts > 1 { return .hostTwice }
            if hosts == 0, version.minor > 0 { return .hostMissing }
            if !isHostValid { return .hostInvalid }
            guard let codings else { return nil }
            if version.minor == 0 { return .codingOfHTTP10 }
            let names = codings.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
            if names == ["chunked"] { return nil }
            // Where such a body ends cannot be told.
            guard names.last == "chunked", names.count(where: { $0 == "chunked" }) == 1 else { return .chunkedWrongly }
            return .codingUnknown
        }
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
                written.futureResult.whenComplete { _ in bound.value.onLastAnswer() }
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
