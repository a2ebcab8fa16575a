import ActorSystem
import Checkout
import Commerce
import Crypto
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema
import Steps

/// `/api/v1/orders`: place, look up, list, and what happens to an order later.
struct OrderRoutes: Sendable {
    let shop: Shop

    func add(to routes: GatewayRoutes) {
        routes.post("/api/v1/orders", .guest) { request, context in try await place(request, context) }
        routes.get("/api/v1/orders", .guest) { request, context in try await list(request, context) }
        routes.get("/api/v1/orders/{id}", .guest) { request, context in try await get(request, context) }
        routes.post("/api/v1/orders/{id}/cancel", .guest.versioned) { request, context in
            try await cancel(request, context)
        }
        routes.put("/api/v1/orders/{id}/shipping-address", .customer.versioned) { request, context in
            try await correctAddress(request, context)
        }
        routes.post("/api/v1/orders/{id}/ship", .staff.versioned) { request, context in
            try await ship(request, context)
        }
        routes.post("/api/v1/orders/{id}/deliver", .staff.versioned) { request, context in
            try await deliver(request, context)
        }
        routes.post("/api/v1/orders/{id}/refund", .staffKeyed.versioned) { request, context in
            try await refund(request, context)
        }
    }

    // MARK: - Placing

    private func place(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let document = try await request.document(context)
        guard let key = try RequestKey(request, scope: "POST /orders", principal: principal, body: document.bytes)
        else {
            throw Problem(.idempotencyKeyRequired)
        }
        let order = try OrderRequest.decode(document, by: principal, under: key)
        let placed: OrderAnswer
        do throws(CheckoutFailure) {
            placed = try await shop.checkout.place(order)
        } catch {
            throw error.problem
        }
        return try answer(placed)
    }

    /// The first answer, the same however often and whenever it is given.
    private func answer(_ placed: OrderAnswer) throws -> Response {
        let order = placed.order.state
        var headers = HTTPFields()
        headers[.location] = "/api/v1/orders/\(order.id)"
        if placed.isReplay { headers[.idempotentReplayed] = "true" }
        switch order.firstAnswer {
        case .rejected(let rejection):
            var problem = Problem(rejection, of: order)
            problem.headers.append(contentsOf: headers)
            throw problem
        case .paid:
            return Response(status: .created, headers: headers, json: OrderDocument(order, as: .paid, .paid).json)
        case .pending:
            return Response(status: .accepted, headers: headers, json: OrderDocument(order, as: .placed, .unknown).json)
        case nil:
            // Still undecided: the provider is being asked. The order says when it knows.
            return Response(status: .accepted, headers: headers, json: OrderDocument(order).json)
        }
    }

    // MARK: - Reading

    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let moment = try QueryReader.moment(of: request, now: shop.clock())
        return try await shop.reading(request) { shop in
            let order = try await shop.read(Order.self, context.orderID)
            guard order.exists, try principal.role >= .staff || order.state.customer == principal.customerID else {
                throw Problem(.notFound)
            }
            guard let moment else { return Response(order) }
            let past = try await shop.read(Order.self, order.state.id, at: moment) { event in
                if case .personalDataErased = event { true } else { false }
            }
            guard past.exists else { throw Problem(.notFound) }
            return Response(json: OrderDocument(past.state).json)
        }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let query = try OrderQuery.read(request, isStaff: principal.role >= .staff)
        let customer = principal.role >= .staff ? query.customer : try principal.customerID
        return try await shop.reading(request) { reader in
            let page = try await OrderList(shop: shop, reader: reader).page(query, of: customer)
            var json = JSONWriter(capacity: 16 << 10)
            json.object { json in
                json.array("data") { json in for order in page.orders { OrderDocument(order).write(to: &json) } }
                json.field("next_cursor", page.next)
            }
            return Response(json: json)
        }
    }

    // MARK: - Later life

    @_optimize(none)
    private func cancel(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let command = try await request.decodeOptional(context) { body in
            Order.Command.cancel(reason: body.optionalString("reason", length: 0...Order.noteLengthMax))
        }
        return try await change(command ?? .cancel(reason: nil), context)
    }

    private func correctAddress(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let address = try await request.decode(context) { OrderRequest.readAddress(&$0) }
        return try await change(.correctAddress(address), context)
    }

    @_optimize(none)
    private func ship(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let command = try await request.decodeOptional(context) { body in
            Order.Command.ship(tracking: body.optionalString("tracking", length: 1...Order.noteLengthMax))
        }
        return try await change(command ?? .ship(tracking: nil), context)
    }

    @_optimize(none)
    private func deliver(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let command = try await request.decodeOptional(context) { _ in Order.Command.deliver }
        return try await change(command ?? .deliver, context)
    }

    /// The whole refund is idempotent by itself; parts are told apart by their keys.
    @_optimize(none)
    private func refund(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let id = try context.orderID
        let document = try await request.optionalDocument(context)
        let key = try RequestKey(
            request, scope: "POST /orders/\(id)/refund", principal: principal, body: document?.bytes ?? [])
        let command = try document?.decode { RefundForm.decode(&$0) } ?? RefundForm.whole
        return try await change(
            command, context,
            under: key.map { $0.step(on: id.slot) })
    }

    /// Every step but the refund of a part is idempotent by itself: asked for twice, it stands once.
    ///
    /// Neither this nor its callers are optimised: Swift 6.3.1 crashes when it splits the coroutines that it makes of
    /// them.
    @inline(never) @_optimize(none)
    private func change(
        _ command: Order.Command, _ context: GatewayContext, under key: StepKey? = nil
    ) async throws -> Response {
        let principal = try context.requirePrincipal()
        let actor = try principal.customerID
        let step = try ChangeOrder(
            context.orderID, command, of: principal.role >= .staff ? nil : actor, if: context.preconditions, key: key)
        let changed = try await shop.checkout.change(step, by: actor).get()
        var response = Response(changed.order)
        if changed.isReplay { response.headers[.idempotentReplayed] = "true" }
        return response
    }
}

extension GatewayContext {
    fileprivate var orderID: OrderID {
        get throws(Problem) { try parameter("id") { OrderID($0) } }
    }
}

extension Response {
    fileprivate init(_ order: Versioned<Order>) {
        self.init(headers: [.eTag: EntityTag(version: order.version).text], json: OrderDocument(order.state).json)
    }
}
