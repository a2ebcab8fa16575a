/// The catalogue and the stock as the gateway has them.
struct RemoteCatalogue: Sendable {
    let client: GatewayClient

    /// The products that have these SKUs, by SKU.
    func products(of skus: [String]) async throws -> [String: ProductDocument] {
        var found: [String: ProductDocument] = [:]
        for sku in skus where found[sku] == nil {
            let path = "/products?include_inactive=true&sku=\(GatewayAddress.escaped(sku))"
            let reply = try await client.send(.get(path))
            // What is no SKU is in no product.
            if reply.status == 422 { continue }
            guard reply.status == 200 else { throw GatewayFault.unexpected("GET \(path): \(reply.summary)") }
            for product in try reply.decode(ProductPage.self).data {
                for sku in product.skus { found[sku] = product }
            }
        }
        return found
    }

    /// The product with this id, and the version that a change must name; nil when there is none.
    func product(_ id: String) async throws -> (document: ProductDocument, version: String?)? {
        let reply = try await client.send(.get("/products/\(GatewayAddress.escaped(id))"))
        if reply.status == 404 { return nil }
        guard reply.status == 200 else { throw GatewayFault.unexpected("product \(id): \(reply.summary)") }
        return (try reply.decode(ProductDocument.self), reply.headers.first(name: "ETag"))
    }

    /// The stock of a SKU; nil when none was ever kept.
    func stock(of sku: String) async throws -> InventoryDocument? {
        let reply = try await client.send(.get("/inventory/\(GatewayAddress.escaped(sku))"))
        if reply.status == 404 { return nil }
        guard reply.status == 200 else { throw GatewayFault.unexpected("stock of \(sku): \(reply.summary)") }
        let stock = try reply.decode(InventoryDocument.self)
        return stock.version == 0 ? nil : stock
    }
}

/// Which product of the file each product of the gateway is: two of the file cannot be the same one.
actor ProductClaims {
    private var rowOfProduct: [String: Int] = [:]

    /// - Returns: the row that has the product already; nil when it is now this one's.
    func claim(_ product: String, row: Int) -> Int? {
        if let earlier = rowOfProduct[product] { return earlier == row ? nil : earlier }
        rowOfProduct[product] = row
        return nil
    }
}
