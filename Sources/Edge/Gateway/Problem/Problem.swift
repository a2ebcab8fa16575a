import HTTPTypes
import Hummingbird
import NIOCore

/// A refusal as the client sees it: RFC 9457, `application/problem+json`.
///
///     throw Problem(.insufficientStock, "2 of A-1 are left.", members: { $0.array("skus") { $0.value("A-1") } })
///
/// The document has `type`, `title`, `status`, `code`, `detail`, `instance` (the request, by its id), `errors` for bad
/// fields, and whatever members the kind of problem adds.
public struct Problem: Error, Sendable {
    public var code: ProblemCode
    /// What happened this time, for people. Never holds anything that the client may not know.
    public var detail: String?
    public var errors: [FieldError]
    /// Header fields that go with it, such as `Retry-After`.
    public var headers: HTTPFields
    /// Writes the members that are this kind's own.
    var members: (@Sendable (inout JSONWriter) -> Void)?

    public init(
        _ code: ProblemCode, _ detail: String? = nil, errors: [FieldError] = [], headers: HTTPFields = [:],
        members: (@Sendable (inout JSONWriter) -> Void)? = nil
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.members = members
    }

    /// The same problem with advice on when to try again, in whole seconds, at least one.
    public func retry(after duration: Duration) -> Problem {
        var problem = self
        let (seconds, attoseconds) = duration.components
        problem.headers[.retryAfter] = String(max(1, seconds + (attoseconds > 0 ? 1 : 0)))
        return problem
    }
}

/// An error that knows how it is told to clients. Refusals of the rules conform beside the routes that meet them.
public protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension FieldErrors: ProblemConvertible {
    public var problem: Problem {
        let first = errors.first.map { "\($0.place) \($0.detail)" } ?? ""
        return Problem(
            .invalidFields, errors.count > 1 ? "\(first), and \(errors.count - 1) more." : "\(first).", errors: errors)
    }
}

extension JSONError: ProblemConvertible {
    public var problem: Problem { Problem(.malformedJSON, "\(reason.rawValue) At byte \(offset).") }
}

// MARK: - From any error

extension Problem {
    /// The problem that an error is; nil for one that clients must not hear about.
    public init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let convertible as any ProblemConvertible: self = convertible.problem
        case is NIOTooManyBytesError: self.init(.bodyTooLarge)
        case let http as HTTPError: self.init(status: http.status, headers: http.headers)
        case let http as any HTTPResponseError: self.init(status: http.status, headers: [:])
        default: return nil
        }
    }

    /// The server library tells by status alone; its message may echo the request and is left out.
    private init?(status: HTTPResponse.Status, headers: HTTPFields) {
        let code: ProblemCode
        switch status.code {
        case 401: code = .authenticationRequired
        case 403: code = .forbidden
        case 404: code = .notFound
        case 405: code = .methodNotAllowed
        case 408: code = .requestTimeout
        case 413: code = .bodyTooLarge
        case 414: code = .targetTooLong
        case 415: code = .unsupportedMediaType
        case 431: code = .headersTooLarge
        case 400..<500: code = .malformedRequest
        case 503: code = .overloaded
        default: return nil
        }
        self.init(code, headers: headers)
    }
}

// MARK: - To an answer

extension Problem {
    static let mediaType = "application/problem+json"

    /// The document.
    ///
    /// - Parameter requestID: goes into `instance`, so that a client's report finds our log line.
    public func document(requestID: String?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("type", code.type)
            json.field("title", code.title)
            json.field("status", code.status.code)
            json.field("code", code.rawValue)
            if let detail { json.field("detail", detail) }
            if let requestID { json.field("instance", "urn:request:" + requestID) }
            if !errors.isEmpty {
                json.array("errors") { json in
                    for error in errors {
                        json.object { json in
                            json.field("pointer", error.pointer)
                            json.field("detail", error.detail)
                        }
                    }
                }
            }
            members?(&json)
        }
        return json.bytes
    }

    public func response(requestID: String?) -> Response {
        var headers = self.headers
        headers[.contentType] = Self.mediaType
        if code.status == .unauthorized { headers[.wwwAuthenticate] = challenge }
        return Response(
            status: code.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document(requestID: requestID))))
    }

    /// RFC 6750, section 3: the error is named only when a token was presented.
    private var challenge: String {
        switch code {
        case .invalidToken, .expiredToken: #"Bearer realm="cloudretail", error="invalid_token""#
        default: #"Bearer realm="cloudretail""#
        }
    }
}

extension Response {
    /// A JSON answer.
    public init(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], json: JSONWriter) {
        var headers = headers
        headers.append(HTTPField(name: .contentType, value: "application/json"))
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
