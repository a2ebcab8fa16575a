import ActorSystem
import Checkout
import Commerce
import Crypto
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// `/api/v1/orders`: place, look up, list, and what happens to an order later.
struct OrderRoutes: Sendable {
    let shop: Shop
    /// 500 lines with every optional field fit four times over.
    static let bodyBytesMax = 256 << 10

    // MARK: - Placing

    func place(_ request: Request, by principal: Principal) async throws -> Response {
        let body = try await request.bytes(max: Self.bodyBytesMax)
        guard let key = try RequestKey(request, scope: "POST /orders", principal: principal, body: body) else {
            throw Problem(.idempotencyKeyRequired)
        }
        let order = try PlaceOrder.decode(body, isStaff: principal.role >= .staff)
        let placedBy = try principal.customerID
        let customer = order.customer ?? placedBy
        let placed: PlacedOrder
        do throws(CheckoutFailure) {
            placed = try await shop.checkout.place(
                OrderRequest(
                    customer: customer, placedBy: placedBy, items: order.items, expectedTotal: order.expectedTotal,
                    shippingAddress: order.shippingAddress, paymentMethod: order.paymentMethod,
                    key: key.id(on: customer.slot), fingerprint: key.fingerprint, clearsCart: order.clearsCart))
        } catch {
            throw error.problem
        }
        return try answer(placed)
    }

    /// The first answer, the same however often and whenever it is given.
    private func answer(_ placed: PlacedOrder) throws -> Response {
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

    func get(_ text: String, _ request: Request, by principal: Principal) async throws -> Response {
        let order = try await visible(text, to: principal)
        let tag = ETag(version: order.version)
        if tag.isCurrent(for: request) { return tag.notModified }
        return Response(headers: tag.headers, json: OrderDocument(order.state).json)
    }

    func list(_ request: Request, by principal: Principal) async throws -> Response {
        let query = try OrderQuery.read(request, isStaff: principal.role >= .staff)
        let customer = principal.role >= .staff ? query.customer : try principal.customerID
        let page = try await OrderList(shop: shop).page(query, of: customer)
        var json = JSONWriter(capacity: 16 << 10)
        json.object { json in
            json.array("data") { json in for order in page.orders { OrderDocument(order).write(to: &json) } }
            json.field("next_cursor", page.next)
        }
        return Response(json: json)
    }

    private func visible(_ text: String, to principal: Principal) async throws -> Versioned<Order> {
        guard let id = OrderID(text) else { throw Problem(.notFound) }
        let order = try await shop.read(Order.self, id)
        guard order.exists, try principal.role >= .staff || order.state.customer == principal.customerID else {
            throw Problem(.notFound)
        }
        return order
    }

    // MARK: - Later life

    func cancel(_ text: String, _ request: Request, by principal: Principal) async throws -> Response {
        let reason = try await OrderReason.decode(request).reason
        return try await change(text, .cancel(reason: reason), request, by: principal)
    }

    func ship(_ text: String, _ request: Request, by principal: Principal) async throws -> Response {
        let tracking = try await Shipment.decode(request).tracking
        return try await change(text, .ship(tracking: tracking), request, by: principal)
    }

    func deliver(_ text: String, _ request: Request, by principal: Principal) async throws -> Response {
        try await EmptyBody.decode(request)
        return try await change(text, .deliver, request, by: principal)
    }

    func refund(_ text: String, _ request: Request, by principal: Principal) async throws -> Response {
        let body = try await Refund.decode(request)
        return try await change(text, .refund(reason: body.reason, restock: body.restock), request, by: principal)
    }

    /// Every step is idempotent by itself: asked for twice, it stands once.
    private func change(
        _ text: String, _ command: Order.Command, _ request: Request, by principal: Principal
    ) async throws -> Response {
        guard let id = OrderID(text) else { throw Problem(.notFound) }
        let customer = principal.role >= .staff ? nil : try principal.customerID
        let version = try ETag.ifMatch(request)
        let order = try await shop.checkout.change(id, command, by: customer, ifVersion: version).get()
        return Response(headers: ETag(version: order.version).headers, json: OrderDocument(order.state).json)
    }
}
