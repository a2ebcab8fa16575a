import Catalogue
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// `/api/v1/products`: the catalogue, for people who buy and for those who keep it.
struct ProductRoutes: Sendable {
    let shop: Shop
    let cache: ProductCache
    let index: CatalogueIndex
    let search: SearchFollower

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/products", .anyone) { request, context in try await list(request, context) }
        routes.post("/api/v1/products", .staffKeyed) { request, context in try await create(request, context) }
        routes.post("/api/v1/products/batch", .staffKeyed) { request, context in
            try await createBatch(request, context)
        }
        routes.get("/api/v1/products/suggest", .anyone) { request, context in try await suggest(request, context) }
        routes.get("/api/v1/products/{id}", .anyone) { request, context in try await get(request, context) }
        routes.put("/api/v1/products/{id}", .staff.versioned) { request, context in
            let form = try await request.decode(context) { ProductForm.decode(&$0) }
            return try await change(.update(form.details), stocked: stocked([form]), context)
        }
        routes.post("/api/v1/products/{id}/activate", .staff.versioned) { request, context in
            _ = try await request.decodeOptional(context) { _ in true }
            return try await change(.activate, context)
        }
        routes.post("/api/v1/products/{id}/deactivate", .staff.versioned) { request, context in
            _ = try await request.decodeOptional(context) { _ in true }
            return try await change(.deactivate, context)
        }
        routes.put("/api/v1/products/{id}/prices/{sku}", .staff.versioned) { request, context in
            let price = try await request.decode(context) { ProductForm.readMoney(&$0) }
            return try await change(.setPrice(context.sku, price), context)
        }
    }

    // MARK: - Reading

    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let id = try context.parameter("id") { ProductID($0) }
        return try await shop.reading(request) { reader in
            try await reader.barrier(of: shop.priceFollower)
            guard let document = await cache.document(id), document.isActive || context.isStaff else {
                throw Problem(.notFound)
            }
            return Response(document)
        }
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let query = try ProductQuery.read(request, isStaff: context.isStaff)
        return try await shop.reading(request) { reader in
            try await reader.barrier(of: search)
            try await reader.barrier(of: shop.priceFollower)
            let page = try await index.search(query)
            let found = await cache.documents(page.productIDs.compactMap { ProductID($0) })
            // The index may be a moment behind: what has been taken off sale since is not shown.
            let products = found.compactMap { $0 }.filter { $0.isActive || query.audience == .staff }
            let document = ProductPage(page: page, products: products)
            return Response(headers: [.cacheControl: "no-cache"], json: document.json)
        }
    }

    private func suggest(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let (text, limit) = try QueryReader.read(request) { query in
            (query.string("q", length: 0...200) ?? "", Int(query.integer("limit", in: 1...50) ?? 10))
        }
        let suggestions = try await index.suggest(text, limit: limit)
        var json = JSONWriter()
        json.object { json in
            json.array("data") { json in
                for suggestion in suggestions {
                    json.object { json in
                        json.field("kind", suggestion.kind.rawValue)
                        json.field("text", suggestion.text)
                    }
                }
            }
        }
        return Response(headers: [.cacheControl: "no-cache"], json: json)
    }

    // MARK: - Changing

    private func create(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let key = try RequestKey(request, scope: "POST /products", principal: principal, body: document.bytes)
        let form = try document.decode { ProductForm.decode(&$0) }
        let id = newID()
        let step = CreateProduct(
            id, form.details, stocked: try await stocked([form]), key: key?.step(on: id.slot))
        let answer = try await shop.run(step, by: principal.actor)
        await catchUp()
        return Response(answer)
    }

    private func createBatch(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let key = try RequestKey(request, scope: "POST /products/batch", principal: principal, body: document.bytes)
        let forms = try ProductForm.decodeBatch(document)
        let taken = forms.compactMap { try? $0.get() }
        let products = taken.map {
            CreateProducts.NewProduct(id: newID(), details: $0.details, takesOverStock: $0.takesOverStock)
        }
        let step = CreateProducts(products, stocked: try await stocked(taken), key: key?.step(on: .catalogue))
        let answer = try await shop.run(step, by: principal.actor)
        await catchUp()
        return Response(answer, of: forms)
    }

    private func newID() -> ProductID { ProductID(at: shop.clock(), random: shop.random()) }

    private func stocked(_ forms: [ProductForm]) async throws -> [SKUUnits] {
        try await shop.shards.stocked(Set(forms.flatMap(\.guardedSKUs)))
    }

    private func change(
        _ command: Product.Command, stocked: [SKUUnits] = [], _ context: GatewayContext
    ) async throws -> Response {
        let id = try context.parameter("id") { ProductID($0) }
        let step = ChangeProduct(id, command, stocked: stocked, if: context.preconditions)
        let answer = try await shop.run(step, by: context.requirePrincipal().actor)
        await catchUp()
        guard let document = ProductDocument(answer.product) else { throw Problem(.notFound) }
        return Response(document)
    }

    /// The caller that has changed the catalogue finds the change in its next request to this node, also where that
    /// looks at the views alone. The change has been made, whether or not they can be caught up with now.
    private func catchUp() async {
        try? await shop.priceFollower.catchUp()
        try? await search.catchUp()
    }
}

extension GatewayContext {
    var isStaff: Bool { principal.map { $0.role >= .staff } ?? false }
}

extension Response {
    /// Of a product that was created.
    fileprivate init(_ answer: ProductAnswer) {
        var headers: HTTPFields = [.location: "/api/v1/products/\(answer.product.state.id)"]
        if answer.isRepeated { headers[.idempotentReplayed] = "true" }
        var json = JSONWriter()
        if let document = ProductDocument(answer.product) { json.raw(document.body.readableBytesView) }
        self.init(status: .created, headers: headers, json: json)
    }

    init(_ product: ProductDocument) {
        self.init(
            status: .ok,
            headers: [.contentType: "application/json", .eTag: product.tag.text, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: product.body))
    }
}
