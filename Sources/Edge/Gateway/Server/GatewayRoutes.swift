import HTTPTypes
import Hummingbird

/// What answers a route's requests. It throws what it refuses: a ``Problem``, a ``ProblemConvertible``, or anything
/// that is then our fault.
public typealias GatewayHandler = @Sendable (Request, GatewayContext) async throws -> Response

/// One route with what belongs to it, made once.
struct Route: Sendable {
    let pattern: String
    let policy: RoutePolicy
    let metrics: RouteMetrics
    let handler: GatewayHandler
}

/// Collects the routes, then builds what answers requests.
///
///     let routes = GatewayRoutes(pipeline)
///     routes.post("/api/v1/orders", .customer) { request, context in ... }
///     let server = GatewayServer(routes, address: .hostname("127.0.0.1", port: 8080), logger: logger)
///
/// A GET route answers HEAD too. Paths without a route are 404, to a browser with the shop's page for that; methods
/// without one are 405, OPTIONS is answered here, of a path and of `*`, the whole server.
public final class GatewayRoutes {
    public let pipeline: RequestPipeline
    private let router = Router(context: GatewayContext.self)
    private(set) var table = RouteTable()
    /// Paths of probes, which are answered whatever the node has to do.
    private(set) var probes: Set<String> = []

    /// Raised by the server of these routes.
    let stop = StopSignal()

    /// What a browser is shown of a path without a route; none where no pages are served.
    var missingPage: @Sendable () -> StorefrontFile? = { nil }

    public init(_ pipeline: RequestPipeline) { self.pipeline = pipeline }

    /// Method and pattern of every route, to be compared with the API's description.
    public var all: [(method: HTTPRequest.Method, pattern: String)] { table.all }

    public func get(_ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler) {
        on(.get, pattern, policy, handler)
    }
    public func post(_ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler) {
        on(.post, pattern, policy, handler)
    }
    public func put(_ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler) {
        on(.put, pattern, policy, handler)
    }
    public func patch(_ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler) {
        on(.patch, pattern, policy, handler)
    }
    public func delete(_ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler) {
        on(.delete, pattern, policy, handler)
    }

    private func on(
        _ method: HTTPRequest.Method, _ pattern: String, _ policy: RoutePolicy, _ handler: @escaping GatewayHandler
    ) {
        table.add(method, pattern)
        if policy.isProbe { probes.insert(pattern) }
        let metrics = RouteMetrics(pipeline.metrics, method: method.rawValue, route: pattern)
        let route = Route(pattern: pattern, policy: policy, metrics: metrics, handler: handler)
        let endpoint = Endpoint(pipeline: pipeline, route: route)
        router.on(RouterPath(pattern), method: method, responder: endpoint)
        if method == .get { router.on(RouterPath(pattern), method: .head, responder: endpoint) }
    }

    /// What refuses requests under overload before they come to a route. Made when all routes are there.
    var shedding: LoadShedding { LoadShedding(pipeline.admission, probes: probes, metrics: pipeline.metrics) }

    /// What answers requests. Called once, when all routes are there.
    func responder() -> GatewayResponder {
        // A middleware holds for what is added after it, and after it comes only what no route takes.
        router.add(middleware: Unmatched(pipeline: pipeline, table: table, missingPage: missingPage))
        return GatewayResponder(router: router.buildResponder())
    }
}

private struct Endpoint: HTTPResponder {
    let pipeline: RequestPipeline
    let route: Route

    func respond(to request: Request, context: GatewayContext) async throws -> Response {
        try await pipeline.respond(to: request, context, route)
    }
}

/// Answers what no route takes.
private struct Unmatched: RouterMiddleware {
    private let pipeline: RequestPipeline
    private let route: Route

    init(pipeline: RequestPipeline, table: RouteTable, missingPage: @escaping @Sendable () -> StorefrontFile?) {
        self.pipeline = pipeline
        let cors = pipeline.cors
        var policy = RoutePolicy(access: .open, bodyMax: 0)
        policy.conditions = .nothing
        route = Route(
            pattern: "unmatched", policy: policy,
            metrics: RouteMetrics(pipeline.metrics, method: "any", route: "unmatched")
        ) { [methodsOfAll = table.methodsOfAll] request, _ in
            // Asks about the server as a whole (RFC 9110, section 9.3.7).
            if request.method == .options, request.head.path == "*" {
                return Response(status: .noContent, headers: [.allow: methodsOfAll])
            }
            let methods = table.methods(of: request.uri.path)
            guard !methods.isEmpty else {
                guard Self.wantsPage(request), let page = missingPage() else { throw Problem(.notFound) }
                return page.missing(for: request)
            }
            if request.method == .options { return cors.preflight(methods: methods) }
            throw RequestFault(notAllowedBut: methods).problem
        }
    }

    /// Whether a browser asks for a page, and nothing of the interface.
    private static func wantsPage(_ request: Request) -> Bool {
        let isRead = request.method == .get || request.method == .head
        return isRead && !request.uri.path.hasPrefix("/api/")
            && request.headers[values: .accept].contains { $0.lowercased().contains("text/html") }
    }

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        try await pipeline.respond(to: request, context, route)
    }
}

/// The routes by path, for those requests that none of them takes.
struct RouteTable: Sendable {
    private(set) var all: [(method: HTTPRequest.Method, pattern: String)] = []

    mutating func add(_ method: HTTPRequest.Method, _ pattern: String) { all.append((method, pattern)) }

    /// The methods that a path has, as `Allow` lists them; empty for a path that none has. Of `/products/batch` and
    /// `/products/{id}` the first says what `/products/batch` has.
    func methods(of path: String) -> String {
        let parts = path.split(separator: "/")
        let matching = all.filter { Self.matches($0.pattern.split(separator: "/"), parts) }
        let openness = matching.map { Self.openness($0.pattern) }.min()
        return Self.list(matching.filter { Self.openness($0.pattern) == openness }.map(\.method))
    }

    /// The methods that any path has, as `Allow` lists them.
    var methodsOfAll: String { Self.list(all.map(\.method)) }

    /// Routes' methods as `Allow` lists them, with those that are answered beside them; each is there once.
    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        guard !methods.isEmpty else { return "" }
        var listed: [HTTPRequest.Method] = []
        for method in methods where !listed.contains(method) { listed += method == .get ? [.get, .head] : [method] }
        return (listed + [.options]).map(\.rawValue).joined(separator: ", ")
    }

    /// What a request is told whose method the server does not know, and so no path has.
    ///
    /// - Parameter path: as it came, with the query behind it.
    func fault(ofUnknownMethodAt path: String) -> RequestFault {
        let path = RequestTarget.normalized(path) ?? path
        let methods = methods(of: String(path.prefix { $0 != "?" }))
        return methods.isEmpty ? RequestFault(.notFound) : RequestFault(notAllowedBut: methods)
    }

    /// How many parts of a pattern take whatever stands there.
    private static func openness(_ pattern: String) -> Int {
        pattern.split(separator: "/").count { $0.hasPrefix("{") || $0.hasPrefix(":") || $0.hasPrefix("*") }
    }

    private static func matches(_ pattern: [Substring], _ path: [Substring]) -> Bool {
        if pattern.last == "**", path.count >= pattern.count {
            return matches(Array(pattern.dropLast()), Array(path.prefix(pattern.count - 1)))
        }
        return pattern.count == path.count
            && zip(pattern, path).allSatisfy { $0 == $1 || $0.hasPrefix("{") || $0.hasPrefix(":") || $0 == "*" }
    }
}
