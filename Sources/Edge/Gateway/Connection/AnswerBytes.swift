import HTTPTypes
import NIOCore

/// The bytes of an answer of HTTP/1.1 that are not written yet: head and body together, where the body is not large.
struct AnswerBytes {
    struct Framing {
        var version: StaticString = "HTTP/1.1"
        /// What the answer says of its connection's end; nil where nothing is to be said.
        var connection: StaticString?
        /// Whether the body tells its length piece by piece, as its head does not tell it.
        var isChunked = false
        /// Whether the client gets it: there is none behind the answer to HEAD.
        var hasBody = true
    }

    /// Bytes of a piece of a body up to which a copy is cheaper than a write of its own.
    static let copiedMax = 16_384
    private static let headExpected = 512

    private var bytes = ByteBuffer()
    private var framing = Framing()

    var isEmpty: Bool { bytes.readableBytes == 0 }

    /// Gives what is to be written.
    mutating func take() -> ByteBuffer {
        let taken = bytes
        bytes = ByteBuffer()
        return taken
    }

    mutating func begin(_ head: HTTPResponse, _ framing: Framing) {
        self.framing = framing
        bytes.reserveCapacity(minimumWritableBytes: Self.headExpected)
        bytes.writeStaticString(framing.version)
        bytes.writeInteger(UInt8(ascii: " "))
        bytes.writeString(String(head.status.code))
        bytes.writeInteger(UInt8(ascii: " "))
        bytes.writeString(head.status.reasonPhrase)
        bytes.writeStaticString("\r\n")
        for field in head.headerFields {
            switch field.name {
            case .connection where framing.connection != nil, .transferEncoding: continue
            case .contentLength where !head.status.mayHaveBody: continue
            default: append(field)
            }
        }
        if let connection = framing.connection {
            bytes.writeStaticString("Connection: ")
            bytes.writeStaticString(connection)
            bytes.writeStaticString("\r\n")
        }
        if framing.isChunked { bytes.writeStaticString("transfer-encoding: chunked\r\n") }
        bytes.writeStaticString("\r\n")
    }

    private mutating func append(_ field: HTTPField) {
        bytes.writeString(field.name.rawName)
        bytes.writeStaticString(": ")
        bytes.writeString(field.value)
        bytes.writeStaticString("\r\n")
    }

    /// Whether the client gets what comes of a body, and so must be told of it.
    func takes(_ piece: ByteBuffer) -> Bool {
        // A chunk without bytes would end the body.
        framing.hasBody && piece.readableBytes > 0
    }

    mutating func append(_ piece: ByteBuffer) {
        beginPiece(piece.readableBytes)
        bytes.writeImmutableBuffer(piece)
        endPiece()
    }

    /// Writes what stands before a piece of so many bytes.
    mutating func beginPiece(_ count: Int) {
        guard framing.isChunked else { return }
        bytes.writeString(String(count, radix: 16))
        bytes.writeStaticString("\r\n")
    }

    /// Writes what stands behind a piece.
    mutating func endPiece() {
        if framing.isChunked { bytes.writeStaticString("\r\n") }
    }

    mutating func end(_ trailers: HTTPFields?) {
        guard framing.hasBody, framing.isChunked else { return }
        bytes.writeStaticString("0\r\n")
        for field in trailers ?? [:] { append(field) }
        bytes.writeStaticString("\r\n")
    }
}
