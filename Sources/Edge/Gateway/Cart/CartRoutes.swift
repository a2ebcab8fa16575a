import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// `/api/v1/cart`: what a customer means to buy.
struct CartRoutes: Sendable {
    let shop: Shop

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/cart", .customer) { request, context in try await get(request, context) }
        routes.delete("/api/v1/cart", .customer.versioned) { _, context in try await change(.clear, context) }
        routes.post("/api/v1/cart/items", .customerKeyed.versioned) { request, context in
            try await addItem(request, context)
        }
        routes.put("/api/v1/cart/items/{sku}", .customer.versioned) { request, context in
            try await setItem(request, context)
        }
        routes.delete("/api/v1/cart/items/{sku}", .customer.versioned) { _, context in
            try await change(.removeItem(context.sku), context)
        }
    }

    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let cart = try await shop.read(Cart.self, context.requirePrincipal().customerID)
        let document = CartDocument(cart, prices: shop.prices)
        return Response(document)
    }

    private func setItem(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let sku = try context.sku
        let units = try await request.decode(context) { body in body.units("quantity", from: 0) }
        if units > 0 {
            guard let entry = shop.prices[sku] else {
                throw Problem(.notFound, "No product of the catalogue has this SKU.")
            }
            guard entry.isActive else { throw Problem(.productNotSold) }
        }
        return try await change(.setItem(sku, units), context)
    }

    private func change(_ command: Cart.Command, _ context: GatewayContext) async throws -> Response {
        let customer = try context.requirePrincipal().customerID
        let cart = try await shop.execute(on: customer.slot, by: ActorID(customer)) { batch throws(CartRefusal) in
            try Self.check(context.preconditions, customer, in: batch)
            return try Self.decide(command, customer, in: batch)
        }
        return Response(CartDocument(cart, prices: shop.prices))
    }

    /// Adds so many more: with an `Idempotency-Key` a retry adds nothing, and is answered with the cart as it now is.
    private func addItem(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let customer = try principal.customerID
        let document = try await request.document(context)
        let key = try RequestKey(request, scope: "POST /cart/items", principal: principal, body: document.bytes)
        let (sku, units) = try document.decode { body -> (SKU, Units)? in
            let sku = body.value("sku", length: 1...SKU.lengthMax, "must be a SKU") { SKU($0) }
            let units = body.units("quantity", from: 1)
            guard let sku, let units else { return nil }
            return (sku, units)
        }
        guard let entry = shop.prices[sku] else { throw Problem.field("/sku", "is not in the catalogue") }
        guard entry.isActive else { throw Problem(.productNotSold) }
        let prices = shop.prices
        let answer = try await shop.execute(on: customer.slot, by: principal.actor) {
            batch throws(KeyedRefusal<CartRefusal>) in
            let again = { @Sendable (batch: Batch, _: IdempotentAnswer) in
                IdempotentAnswer(CartDocument(batch.read(Cart.self, customer), prices: prices))
            }
            return try batch.once(key, on: customer.slot, again: again) { batch throws(CartRefusal) in
                try Self.check(context.preconditions, customer, in: batch)
                let cart = try Self.decide(.addItem(sku, units), customer, in: batch)
                return IdempotentAnswer(CartDocument(cart, prices: prices))
            }
        }
        return answer.response
    }

    private static func check(
        _ conditions: Preconditions, _ customer: CustomerID, in batch: Batch
    ) throws(CartRefusal) {
        do throws(Problem) {
            try conditions.check(.revision("\(batch.read(Cart.self, customer).version)"))
        } catch {
            throw .precondition(error)
        }
    }

    private static func decide(
        _ command: Cart.Command, _ customer: CustomerID, in batch: Batch
    ) throws(CartRefusal) -> Versioned<Cart> {
        do throws(Cart.Refusal) {
            try batch.decide(Cart.self, customer, command)
        } catch {
            throw .cart(error)
        }
        return batch.read(Cart.self, customer)
    }
}

/// Why a cart was not changed.
enum CartRefusal: Error {
    case precondition(Problem)
    case cart(Cart.Refusal)
}

extension CartRefusal: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .precondition(let problem): problem
        case .cart(let refusal): refusal.problem
        }
    }
}

extension IdempotentAnswer {
    /// Nothing of a cart is kept: a key for each change of a large one would take far more room than the cart.
    fileprivate init(_ cart: CartDocument) {
        self.init(status: .ok, json: cart.json)
        headers[.eTag] = cart.tag.text
        keepsSummary = true
    }
}

extension Response {
    fileprivate init(_ cart: CartDocument) { self.init(headers: [.eTag: cart.tag.text], json: cart.json) }
}
