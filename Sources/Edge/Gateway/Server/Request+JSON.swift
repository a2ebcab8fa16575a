import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The body as it came.
    ///
    /// - Throws: 413 past the route's limit, before a byte is read when `Content-Length` tells; 401 when the session
    ///   that asks has ended while the body was on its way.
    public func bytes(_ context: GatewayContext) async throws -> [UInt8] {
        if let codings = headers[.contentEncoding], !Self.isIdentity(codings) {
            throw Problem(
                .unsupportedMediaType, "Content-Encoding is not taken; the body must be sent as it is.",
                headers: [.acceptEncoding: "identity"])
        }
        if let length = headers[.contentLength], let length = Int(length), length > context.bodyMax {
            throw Problem(.bodyTooLarge)
        }
        let buffer = try await body.collect(upTo: context.bodyMax)
        if let principal = context.principal, context.ended?.refuses(principal) == true {
            throw TokenVerifier.Refusal.sessionEnded.problem
        }
        return [UInt8](buffer.readableBytesView)
    }

    /// The body as JSON; `bytes` of the document is the text, for a digest.
    ///
    /// - Throws: 415, 413, or 400 with the place where the text is wrong.
    public func document(_ context: GatewayContext) async throws -> JSONDocument {
        try requireJSON()
        return try JSONDocument(await bytes(context))
    }

    /// The body as a value.
    ///
    ///     let login = try await request.decode(context) { (body: inout ObjectReader) -> Login? in ... }
    ///
    /// - Throws: as ``document(_:)``, or 422 with every field that is wrong.
    ///
    /// Never inlined: Swift 6.3.1 crashes when it splits the asynchronous functions into which it has inlined this.
    @inline(never)
    public func decode<T>(_ context: GatewayContext, _ body: (inout ObjectReader) -> T?) async throws -> T {
        try await document(context).decode(body)
    }

    /// Whether a list of codings asks for none.
    private static func isIdentity(_ codings: String) -> Bool {
        codings.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }.allSatisfy { $0 == "identity" }
    }

    /// `application/json`, in any case, with any parameters but another character set than UTF-8. A suffix such as
    /// `+json` names another format.
    ///
    /// - Throws: 415 that says why.
    func requireJSON() throws(Problem) {
        let type = headers[.contentType] ?? ""
        if type == "application/json" { return }
        let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        guard parts.first == "application/json" else {
            throw Problem(
                .unsupportedMediaType, "Content-Type must be application/json.", headers: [.accept: "application/json"])
        }
        for part in parts.dropFirst() where part.hasPrefix("charset=") {
            // WHATWG Encoding names UTF-8 so as well, and clients do.
            guard part == "charset=utf-8" || part == "charset=utf8" else {
                throw Problem(.unsupportedMediaType, "The character set must be UTF-8, as JSON's is.")
            }
        }
    }
}
