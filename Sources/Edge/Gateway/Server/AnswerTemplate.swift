import HTTPTypes
import NIOCore

/// The bytes of an answer of HTTP/1.1 that is given again and again, but for its date and the request's id.
struct AnswerTemplate: Sendable {
    /// The status and the fields that are always the same.
    private let head: [UInt8]
    /// The document before and behind the id.
    private let documentStart: [UInt8]
    private let documentEnd: [UInt8]

    init(_ problem: Problem) {
        let id = RequestID.next()
        let answer = BareAnswer(problem, requestID: id)
        let status = answer.head.status
        var head = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        for field in answer.head.headerFields where !Self.varying.contains(field.name) {
            head += "\(field.name.rawName): \(field.value)\r\n"
        }
        self.head = Array(head.utf8)
        let document = Array(answer.body.readableBytesView)
        guard let place = document.firstRange(of: Array(id.utf8)) else {
            preconditionFailure("a problem's document names the request")
        }
        documentStart = Array(document[..<place.lowerBound])
        documentEnd = Array(document[place.upperBound...])
    }

    private static let varying: Set<HTTPField.Name> = [.date, .contentLength, .requestID]
    /// The fields that vary, but for a long id of the client's.
    private static let varyingBytesExpected = 160

    /// - Parameters:
    ///   - requestID: one that ``RequestID`` takes.
    ///   - isToHead: whether the document stays away, as behind every answer to HEAD.
    func bytes(requestID: String, isToHead: Bool) -> ByteBuffer {
        let documentBytes = documentStart.count + requestID.utf8.count + documentEnd.count
        var bytes = ByteBuffer()
        bytes.reserveCapacity(head.count + Self.varyingBytesExpected + documentBytes)
        bytes.writeBytes(head)
        bytes.writeStaticString("date: ")
        bytes.writeString(HTTPDate.now())
        bytes.writeStaticString("\r\ncontent-length: ")
        bytes.writeString(String(documentBytes))
        bytes.writeStaticString("\r\nx-request-id: ")
        bytes.writeString(requestID)
        bytes.writeStaticString("\r\n\r\n")
        guard !isToHead else { return bytes }
        bytes.writeBytes(documentStart)
        bytes.writeString(requestID)
        bytes.writeBytes(documentEnd)
        return bytes
    }
}
