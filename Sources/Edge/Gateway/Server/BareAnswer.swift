import HTTPTypes
import NIOCore

/// The answer to a request that comes to no route: a problem, with the fields that the pipeline gives every answer.
struct BareAnswer {
    let head: HTTPResponse
    let body: ByteBuffer

    /// - Parameter isLast: whether the connection ends with it.
    init(_ problem: Problem, requestID: String = RequestID.next(), isLast: Bool = false) {
        let document = problem.document(requestID: requestID)
        var fields = problem.headers
        fields[.contentType] = Problem.mediaType
        fields[.contentLength] = String(document.count)
        fields[.cacheControl] = "no-store"
        fields[.date] = HTTPDate.now()
        fields[.requestID] = requestID
        if isLast { fields[.connection] = "close" }
        fields.append(contentsOf: RequestPipeline.securityFields)
        head = HTTPResponse(status: problem.code.status, headerFields: fields)
        body = ByteBuffer(bytes: document)
    }
}
