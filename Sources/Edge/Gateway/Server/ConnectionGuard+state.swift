import HTTPTypes
import NIOCore
import NIOHTTP1

extension ConnectionGuard {
    /// What is coming from the client.
    enum Incoming {
        case nothing, header, body
    }

    enum Closing {
        case no
        /// The last answer is being sent, or read by the client, since that moment.
        case lingering(since: Int64)
    }

    /// The first line of a request, of which nearly all is the target.
    struct RequestLine {
        /// Its bytes so far.
        private(set) var count = 0
        private var isComplete = false
        /// What it came with, while the parser looks at that.
        private var bytes: ByteBuffer?

        init() {}
        init(_ bytes: ByteBuffer) { take(bytes) }

        /// The path and query, where the line has come at once and is that of a request, whatever its method is.
        var path: String? {
            guard let bytes else { return nil }
            let line = bytes.readableBytesView.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
            let words = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
                .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3, HTTPRequest.Method(words[0]) != nil, words[2].hasPrefix("HTTP/1.") else {
                return nil
            }
            let target = words[1]
            if target.hasPrefix("/") { return target }
            return target.firstRange(of: "://").map { String(target[$0.upperBound...].drop { $0 != "/" }) }
        }

        /// The parser has found the head that it began, or all that came is looked at.
        mutating func forget() { bytes = nil }

        mutating func take(_ bytes: ByteBuffer) {
            guard !isComplete else { return }
            if count == 0 { self.bytes = bytes }
            let view = bytes.readableBytesView
            let end = view.firstIndex(of: UInt8(ascii: "\n"))
            count += (end ?? view.endIndex) - view.startIndex
            isComplete = end != nil
        }
    }

    /// What the parser has found.
    func fault(of error: HTTPParserError) -> RequestFault {
        switch error {
        case .headerOverflow: return headerFault
        case .invalidMethod, .invalidConstant:
            // Of a line that has the form of one, only the method can be what the parser does not know.
            return line.path.map(table.fault(ofUnknownMethodAt:)) ?? RequestFault(.malformedRequest)
        default: return RequestFault(.malformedRequest)
        }
    }

    var headerFault: RequestFault {
        RequestFault(line.count > limits.headerFieldMax ? .targetTooLong : .headersTooLarge)
    }

    /// The head of an answer with which the connection ends.
    static func last(_ head: HTTPResponse) -> HTTPResponse {
        var head = head
        head.headerFields[.connection] = "close"
        return head
    }
}

/// What waits for the client.
extension ConnectionGuard {
    /// Bytes of answers that the channel has not taken.
    var waitingBytes: Int {
        guard hasParser else { return streamBytes }
        return (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Writes a piece of an answer to the channel of a stream, which does not tell what waits in it.
    func write(_ bytes: ByteBuffer, of context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        let count = bytes.readableBytes
        streamBytes += count
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.streamBytes -= count }
        context.write(wrapOutboundOut(.body(bytes)), promise: written)
    }
}

extension ConnectionLimits {
    /// What is too large in the head of a request, or makes it none (RFC 9113, section 8.3.1). On HTTP/1 the parser and
    /// ``HTTP1Codec`` look at the same before there is a head; on HTTP/2 there is no other look at it.
    func fault(in head: HTTPRequest) -> RequestFault? {
        if let target = head.path, target.utf8.count > headerFieldMax { return RequestFault(.targetTooLong) }
        let fields = head.headerFields
        guard fields.count <= headerCountMax,
            fields.allSatisfy({ $0.name.rawName.utf8.count <= headerFieldMax && $0.value.utf8.count <= headerFieldMax })
        else { return RequestFault(.headersTooLarge) }
        guard let target = head.path, RequestTarget.isValid(target, of: head.method) else {
            return RequestFault(.malformedRequest, "The :path is no path.")
        }
        guard let scheme = head.scheme, ["http", "https"].contains(scheme) else {
            return RequestFault(.malformedRequest, "The :scheme is http or https.")
        }
        if let authority = head.authority, !HostField.isValid(authority) { return .targetInvalid }
        return nil
    }
}

extension HTTPRequest {
    /// Whether the client waits to be asked for the body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool { headerFields[.expect]?.lowercased() == "100-continue" }
}
