import Foundation
import HTTPTypes
import Hummingbird
import Synchronization

/// Which web pages of other origins may use the API. None, unless configured.
public struct CORSConfiguration: Sendable {
    /// Origins such as `https://shop.example`, or `*` for all. Tokens travel in a header field, never in a cookie, so
    /// that `*` gives no page another's credentials.
    public var allowedOrigins: [String] = []
    public var allowedHeaders = [
        "Authorization", "Consistency", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
        "Last-Event-ID", "X-Request-Id", "traceparent",
    ]
    public var exposedHeaders = [
        "ETag", "Idempotent-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
        "Staleness-Max", "X-Request-Id",
    ]
    /// How long a browser may remember a preflight.
    public var maxAge = Duration.seconds(600)

    public init() {}

    /// Whether a browser may send this as its origin: scheme and host in lower case, a port that is not the scheme's
    /// own, and nothing behind it (RFC 6454, section 6.2).
    public static func isOrigin(_ text: String) -> Bool {
        guard let schemeEnd = text.firstRange(of: "://"), let url = URLComponents(string: text),
            let host = url.host, !host.isEmpty
        else { return false }
        let ownPort = ["http": 80, "https": 443]
        return ownPort[String(text[..<schemeEnd.lowerBound])] != nil && text == text.lowercased()
            && url.port != ownPort[url.scheme ?? ""] && url.path.isEmpty && url.query == nil && url.fragment == nil
            && url.user == nil
    }
}

/// The configuration as header fields.
final class CORS: Sendable {
    private let origins: Set<String>
    private let allowsAll: Bool
    private let exposed: HTTPField
    private let preflight: [HTTPField]
    /// Those of the pages that the nodes serve; nil where they serve none.
    private let ofPages = Mutex<(@Sendable () -> [String])?>(nil)

    init(_ configuration: CORSConfiguration) {
        origins = Set(configuration.allowedOrigins)
        allowsAll = configuration.allowedOrigins.contains("*")
        exposed = HTTPField(
            name: .accessControlExposeHeaders, value: configuration.exposedHeaders.joined(separator: ", "))
        preflight = [
            HTTPField(name: .accessControlAllowHeaders, value: configuration.allowedHeaders.joined(separator: ", ")),
            HTTPField(name: .accessControlMaxAge, value: String(configuration.maxAge.components.seconds)),
            HTTPField(name: .vary, value: "Access-Control-Request-Method, Access-Control-Request-Headers"),
        ]
    }

    /// Allows the origins that `pages` names at the moment, too.
    func allow(_ pages: @escaping @Sendable () -> [String]) { ofPages.withLock { $0 = pages } }

    private var allowsNone: Bool { origins.isEmpty && ofPages.withLock { $0 == nil } }

    private func allows(_ origin: String) -> Bool {
        origins.contains(origin) || ofPages.withLock { $0 }?().contains(origin) == true
    }

    /// Adds what a browser needs to hand the answer to the page.
    ///
    /// An answer to a request without `Origin` differs from one with it, so that it varies as well: a cache would give
    /// it to a page otherwise (Fetch, "CORS protocol and HTTP caches"). With `*` all answers are the same.
    func decorate(_ response: inout Response, origin: String?) {
        guard !allowsNone else { return }
        if !allowsAll { response.headers.append(HTTPField(name: .vary, value: "Origin")) }
        guard allowsAll || origin.map(allows) == true else { return }
        response.headers[.accessControlAllowOrigin] = allowsAll ? "*" : origin
        response.headers.append(exposed)
    }

    /// The answer to a preflight for a path that has these methods.
    func preflight(methods: String) -> Response {
        var headers: HTTPFields = [.allow: methods, .accessControlAllowMethods: methods]
        if !allowsNone { headers.append(contentsOf: preflight) }
        return Response(status: .noContent, headers: headers)
    }
}
