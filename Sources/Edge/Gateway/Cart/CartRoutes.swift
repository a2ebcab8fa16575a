import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Inventory
import Schema
import Steps

/// `/api/v1/cart`: what a customer or a guest means to buy.
struct CartRoutes: Sendable {
    let shop: Shop

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/cart", .guest) { request, context in try await get(request, context) }
        routes.delete("/api/v1/cart", .guest.versioned) { _, context in try await change(.clear, context) }
        routes.post("/api/v1/cart/items", .guestKeyed.versioned) { request, context in
            try await addItem(request, context)
        }
        routes.put("/api/v1/cart/items/{sku}", .guest.versioned) { request, context in
            try await setItem(request, context)
        }
        routes.delete("/api/v1/cart/items/{sku}", .guest.versioned) { _, context in
            try await change(.removeItem(context.sku), context)
        }
    }

    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let customer = try context.requirePrincipal().customerID
        return try await shop.reading(request) { reader in
            try await reader.barrier(of: shop.priceFollower)
            return Response(CartDocument(try await reader.read(Cart.self, customer), prices: shop.prices))
        }
    }

    private func setItem(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let sku = try context.sku
        let units = try await request.decode(context) { body in
            body.units("quantity", from: 0, to: Placement.quantityMax)
        }
        if units > 0 {
            guard let entry = try await shop.entry(of: sku) else {
                throw Problem(.notFound, "No product of the catalogue has this SKU.")
            }
            guard entry.isActive else { throw Problem(.productNotSold) }
        }
        return try await change(.setItem(sku, units), context)
    }

    private func change(_ command: Cart.Command, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let step = ChangeCart(of: try principal.customerID, command, if: context.preconditions)
        return try await run(step, by: principal)
    }

    private func run(_ step: ChangeCart, by principal: Principal) async throws -> Response {
        let answer =
            principal.role == .guest
            ? try await shop.run(ChangeGuestCart(step), by: principal.actor)
            : try await shop.run(step, by: principal.actor)
        var response = Response(CartDocument(answer.cart, prices: shop.prices))
        if answer.isRepeated { response.headers[.idempotentReplayed] = "true" }
        return response
    }

    /// Adds so many more: with an `Idempotency-Key` a retry adds nothing, and is answered with the cart as it now is.
    private func addItem(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let customer = try principal.customerID
        let document = try await request.document(context)
        let key = try RequestKey(request, scope: "POST /cart/items", principal: principal, body: document.bytes)
        let (sku, units) = try document.decode { body -> (SKU, Units)? in
            let sku = body.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
            let units = body.units("quantity", from: 1, to: Placement.quantityMax)
            guard let sku, let units else { return nil }
            return (sku, units)
        }
        guard let entry = try await shop.entry(of: sku) else { throw Problem.field("/sku", "is not in the catalogue") }
        guard entry.isActive else { throw Problem(.productNotSold) }
        let step = ChangeCart(
            of: customer, .addItem(sku, units), if: context.preconditions, key: key?.step(on: customer.slot))
        return try await run(step, by: principal)
    }
}

extension CartRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .keyReused: Problem(.idempotencyKeyReused)
        case .condition(let failure): failure.problem
        case .cart(let refusal): refusal.problem
        }
    }
}

extension Response {
    fileprivate init(_ cart: CartDocument) { self.init(headers: [.eTag: cart.tag.text], json: cart.json) }
}
