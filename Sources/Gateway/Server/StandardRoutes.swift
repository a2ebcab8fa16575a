import HTTPTypes
import Hummingbird
import NIOCore

extension GatewayRoutes {
    /// Adds what every node answers: `/livez`, `/readyz`, `/metrics`, the JWK set and the kinds of problems.
    ///
    /// - Parameters:
    ///   - jwks: the set as JSON text.
    ///   - notReady: why the node cannot serve yet; nil when it can.
    public func addStandardRoutes(jwks: [UInt8], notReady: @escaping @Sendable () async -> String?) {
        let metrics = pipeline.metrics
        get("/livez", .probe) { _, _ in Self.status("live") }
        get("/readyz", .probe) { _, _ in
            if let reason = await notReady() { throw Problem(.notReady, reason).retry(after: .seconds(1)) }
            return Self.status("ready")
        }
        get("/metrics", .probe) { _, _ in
            Response(
                status: .ok, headers: [.contentType: Metrics.mediaType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: metrics.exposition())))
        }
        get("/.well-known/jwks.json", RoutePolicy(access: .open)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/jwk-set+json", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: jwks)))
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

    /// Adds `/openapi.yaml`.
    ///
    /// - Parameter description: the file's text.
    public func addDescription(_ description: [UInt8]) {
        let body = ByteBuffer(bytes: description)
        get("/openapi.yaml", RoutePolicy(access: .open)) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: body))
        }
    }

    private static func status(_ status: String) -> Response {
        var json = JSONWriter()
        json.object { $0.field("status", status) }
        return Response(json: json)
    }
}
