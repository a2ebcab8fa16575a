import Checkout
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema
import Steps

/// `/api/v1/webhooks`: the endpoints that are told of the shop's events, for administrators.
struct WebhookRoutes: Sendable {
    let shop: Shop
    let access: WebhookAccess

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/webhooks", .admin) { _, _ in try await list() }
        routes.post("/api/v1/webhooks", .adminKeyed) { request, context in try await add(request, context) }
        routes.get("/api/v1/webhooks/{id}", .admin) { _, context in try await get(context) }
        routes.patch("/api/v1/webhooks/{id}", .admin) { request, context in try await change(request, context) }
        routes.delete("/api/v1/webhooks/{id}", .admin) { _, context in try await remove(context) }
        routes.post("/api/v1/webhooks/{id}/rotate-secret", .adminKeyed) { request, context in
            try await rotateSecret(request, context)
        }
        routes.get("/api/v1/webhooks/{id}/deliveries", .admin) { _, context in try await deliveries(context) }
        routes.post("/api/v1/webhooks/{id}/replay", .admin) { request, context in try await replay(request, context) }
        routes.post("/api/v1/webhooks/{id}/test", .admin) { _, context in try await test(context) }
    }

    // MARK: - Reading

    private func list() async throws -> Response {
        let endpoints = try await shop.shards.read(Webhooks.self, WebhooksID()).state.endpoints
        var json = JSONWriter()
        json.object { json in
            json.array("data") { json in for endpoint in endpoints { json.value(endpoint) } }
        }
        return Response(json: json)
    }

    private func get(_ context: GatewayContext) async throws -> Response {
        Response(try await endpoint(try context.parameter("id") { WebhookID($0) }))
    }

    func endpoint(_ id: WebhookID) async throws -> WebhookEndpoint {
        guard let endpoint = try await shop.shards.read(Webhooks.self, WebhooksID()).state.endpoint(id) else {
            throw Problem(.notFound)
        }
        return endpoint
    }

    // MARK: - Changing

    private func add(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let key = try RequestKey(request, scope: "POST /webhooks", principal: principal, body: document.bytes)
        let form = try document.decode { body -> WebhookForm? in
            WebhookForm(&body, opensPrivate: access.opensPrivate, requiresURL: true)
        }
        let settings = try form.applied(to: .init(url: "", types: [], description: "", isEnabled: true))
        let slot = WebhooksID().slot
        let id = WebhookID(at: shop.clock(), slot: slot, random: shop.random())
        let step = AddWebhook(id, settings, secret: Self.newSecret(), key: key?.step(on: slot))
        let added = try await shop.run(step, by: principal.actor)
        let endpoint = try await endpoint(added.id)
        var headers: HTTPFields = [.location: "/api/v1/webhooks/\(endpoint.id)"]
        if added.isRepeated { headers[.idempotentReplayed] = "true" }
        return Response(endpoint, secret: endpoint.secret, status: .created, headers: headers)
    }

    private func change(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { WebhookID($0) }
        let form = try await request.decode(context) { body -> WebhookForm? in
            WebhookForm(&body, opensPrivate: access.opensPrivate, requiresURL: false)
        }
        let settings = try form.applied(to: try await endpoint(id).settings)
        _ = try await shop.run(ChangeWebhooks(.change(id, settings)), by: try context.requirePrincipal().actor)
        return Response(try await endpoint(id))
    }

    private func remove(_ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { WebhookID($0) }
        _ = try await shop.run(ChangeWebhooks(.remove(id)), by: try context.requirePrincipal().actor)
        return Response(status: .noContent)
    }

    private func rotateSecret(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { WebhookID($0) }
        let principal = try context.requirePrincipal()
        let key = try RequestKey(request, scope: "POST /webhooks/\(id)/rotate-secret", principal: principal, body: [])
        let step = RotateWebhookSecret(id, to: Self.newSecret(), key: key?.step(on: WebhooksID().slot))
        let rotated = try await shop.run(step, by: principal.actor)
        let endpoint = try await endpoint(id)
        let headers: HTTPFields = rotated.isRepeated ? [.idempotentReplayed: "true"] : [:]
        return Response(endpoint, secret: endpoint.secret, headers: headers)
    }

    private static func newSecret() -> WebhookSecret {
        WebhookSecret((0..<WebhookSecret.length).map { _ in UInt8.random(in: .min ... .max) })
    }
}

extension Webhooks.Refusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notFound: Problem(.notFound)
        case .tooMany: AddWebhookRefusal.tooMany.problem
        }
    }
}

extension RotateWebhookSecretRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notFound: Problem(.notFound)
        case .keyReused: KeyReused().problem
        }
    }
}

extension AddWebhookRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .keyReused: KeyReused().problem
        case .tooMany: Problem(.conflict, "There are \(Webhooks.endpointsMax) endpoints, which is the limit.")
        }
    }
}
