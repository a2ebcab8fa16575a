import ActorSystem
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
    private let catalogue: Catalogue

    init(shop: Shop, cache: ProductCache, index: CatalogueIndex, search: SearchFollower) {
        self.shop = shop
        self.cache = cache
        self.index = index
        self.search = search
        catalogue = Catalogue(shop: shop)
    }

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
            return try await change(.update(form.details), stocked: catalogue.stocked([form]), context)
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
        guard let document = await cache.document(id), document.isActive || context.isStaff else {
            throw Problem(.notFound)
        }
        return Response(document)
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let query = try ProductQuery.read(request, isStaff: context.isStaff)
        let page = try await index.search(query)
        let found = await cache.documents(page.productIDs.compactMap { ProductID($0) })
        // The index may be a moment behind: what has been taken off sale since is not shown.
        let products = found.compactMap { $0 }.filter { $0.isActive || query.audience == .staff }
        return Response(headers: [.cacheControl: "no-cache"], json: ProductPage(page: page, products: products).json)
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
        let stocked = try await catalogue.stocked([form])
        let id = catalogue.newID()
        let answer = try await shop.execute(on: id.slot, by: principal.actor) {
            batch throws(KeyedRefusal<CatalogueRefusal>) in
            try batch.once(key, on: id.slot, again: IdempotentAnswer.created) { batch throws(CatalogueRefusal) in
                IdempotentAnswer(created: try Catalogue.create(id, form.details, stocked: stocked, in: batch))
            }
        }
        await catchUp()
        return answer.response
    }

    private func createBatch(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let principal = try context.requirePrincipal()
        let key = try RequestKey(request, scope: "POST /products/batch", principal: principal, body: document.bytes)
        let entries = try ProductForm.decodeBatch(document).map { (id: catalogue.newID(), form: $0) }
        let stocked = try await catalogue.stocked(entries.compactMap { try? $0.form.get() })
        let answer = try await shop.execute(on: .catalogue, by: principal.actor) { batch throws(KeyedRefusal<Never>) in
            try batch.once(key, on: .catalogue) { batch throws(Never) in
                var results = ProductResults()
                for (position, entry) in entries.enumerated() {
                    switch entry.form {
                    case .failure(let errors): results.add(errors.problem.below("/products/\(position)"))
                    case .success(let form):
                        let created = Result { () throws(CatalogueRefusal) in
                            try Catalogue.create(
                                entry.id, form.details, stocked: form.takesOverStock ? [:] : stocked, in: batch)
                        }
                        switch created {
                        case .success: results.add(entry.id)
                        case .failure(let refusal): results.add(refusal.problem.below("/products/\(position)"))
                        }
                    }
                }
                return results.answer
            }
        }
        await catchUp()
        return answer.response
    }

    private func change(
        _ command: Product.Command, stocked: [SKU: Units] = [:], _ context: GatewayContext
    ) async throws -> Response {
        let id = try context.parameter("id") { ProductID($0) }
        let product = try await catalogue.change(
            id, command, by: context.requirePrincipal().actor, stocked: stocked, if: context.preconditions)
        await catchUp()
        guard let document = ProductDocument(product) else { throw Problem(.notFound) }
        return Response(document)
    }

    /// The caller that has changed the catalogue finds the change in its next request to this node.
    private func catchUp() async {
        await shop.priceFollower.catchUp()
        await search.catchUp()
    }
}

extension GatewayContext {
    var isStaff: Bool { principal.map { $0.role >= .staff } ?? false }
}

extension Response {
    init(_ product: ProductDocument) {
        self.init(
            status: .ok,
            headers: [.contentType: "application/json", .eTag: product.tag.text, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: product.body))
    }
}

extension IdempotentAnswer {
    /// A retry gets the product as it now is: where it is found was kept.
    fileprivate static func created(in batch: Batch, kept: IdempotentAnswer) -> IdempotentAnswer {
        guard let name = kept.location?.split(separator: "/").last, let id = ProductID(String(name)) else {
            return kept
        }
        return IdempotentAnswer(created: batch.read(Product.self, id))
    }

    /// A product is answered whole, and its id is kept.
    fileprivate init(created product: Versioned<Product>) {
        let id = product.state.id
        var summary = JSONWriter()
        summary.object { $0.field("id", id) }
        var whole = summary
        if let document = ProductDocument(product) {
            whole = JSONWriter(capacity: document.body.readableBytes)
            whole.raw(document.body.readableBytesView)
        }
        self.init(status: .created, location: "/api/v1/products/\(id)", json: whole)
        self.summary = summary.bytes
        keepsSummary = true
    }
}
