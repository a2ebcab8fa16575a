import HTTPTypes
import Hummingbird
import NIOCore
import Steps

extension GatewayRoutes {
    /// Adds what every node answers: `/livez`, `/readyz`, the JWK set and the kinds of problems.
    ///
    /// - Parameters:
    ///   - jwks: the set of this moment as JSON text.
    ///   - checks: what the node needs to serve.
    public func addStandardRoutes(jwks: @escaping @Sendable () -> [UInt8], checks: [ReadinessCheck]) {
        get("/livez", .probe) { _, _ in Self.status("live") }
        get("/readyz", .probe) { request, _ in
            try await Self.answer(Readiness(checks), isVerbose: Self.asksVerbosely(request.uri.query))
        }
        get("/.well-known/jwks.json", RoutePolicy(access: .open)) { _, _ in
            PublicFile("application/jwk-set+json", jwks()).response
        }
        get(ProblemCode.typePrefix + "{code}", RoutePolicy(access: .open)) { _, context in
            let code = try context.parameter("code", ProblemCode.init)
            var json = JSONWriter()
            json.object { json in
                json.field("type", code.type)
                json.field("title", code.title)
                json.field("status", code.status.code)
                json.field("code", code.rawValue)
            }
            return Response(headers: [.cacheControl: "public, max-age=3600"], json: json)
        }
    }

    /// Adds `/metrics`, on a listener of its own: they tell of a shop's trade, and cost more than a probe.
    public func addMetrics(_ metrics: Metrics) {
        get("/metrics", .probe) { _, _ in
            Response(
                status: .ok, headers: [.contentType: Metrics.mediaType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: metrics.exposition())))
        }
    }

    /// Adds `/openapi.yaml`.
    ///
    /// - Parameter description: the file's text.
    public func addDescription(_ description: [UInt8]) {
        let file = PublicFile("application/yaml", description)
        get("/openapi.yaml", RoutePolicy(access: .open)) { _, _ in file.response }
    }

    private static func answer(_ readiness: Readiness, isVerbose: Bool) throws(Problem) -> Response {
        guard let reason = readiness.reason else {
            return status(readiness.lack == nil ? "ready" : "degraded") { json in
                if let lack = readiness.lack { json.field("detail", lack) }
                if isVerbose { readiness.write(to: &json) }
            }
        }
        var problem = Problem(.notReady, reason).retry(after: .seconds(1))
        if isVerbose { problem.members = { json in readiness.write(to: &json) } }
        throw problem
    }

    private static func status(_ status: String, _ more: (inout JSONWriter) -> Void = { _ in }) -> Response {
        var json = JSONWriter()
        json.object { json in
            json.field("status", status)
            more(&json)
        }
        return Response(json: json)
    }

    /// `?verbose`, with a value or without.
    private static func asksVerbosely(_ query: String?) -> Bool {
        query?.split(separator: "&").contains { $0.split(separator: "=").first == "verbose" } ?? false
    }
}

/// What any client may read, and keep for a while.
private struct PublicFile {
    private let body: ByteBuffer
    private let headers: HTTPFields

    init(_ type: String, _ bytes: [UInt8]) {
        body = ByteBuffer(bytes: bytes)
        headers = [
            .contentType: type, .cacheControl: "public, max-age=300",
            .eTag: EntityTag(opaque: EntityTag.digest(of: bytes)).text,
        ]
    }

    var response: Response { Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body)) }
}
