/// What an import would do, said and not done.
extension BatchImport {
    /// Says what an import would do with the product.
    func preview(_ product: CatalogueProduct, _ dryRun: CatalogueImport.DryRun, _ outcomes: Outcomes) async throws {
        let found = try await catalogue.products(of: product.rows.map(\.sku))
        let presence = ProductPresence(product, holders: found.mapValues(\.id))
        guard let home = presence.product else { return try await previewNew(product, dryRun, outcomes) }
        if let row = await claims.claim(home, row: product.rows[0].number) {
            return await outcomes.reject(
                product.rows, "its SKU stands in product \(home), which is that of row \(row) already")
        }
        guard options.updates else {
            await tally.existing()
            for (row, reason) in presence.absent { await outcomes.reject([row], reason) }
            return try await previewStock(presence.rows)
        }
        if try await ProductUpdate(batch: self, product: product, id: home).preview(outcomes, dryRun) {
            try await previewStock(product.rows)
        }
    }

    private func previewNew(
        _ product: CatalogueProduct, _ dryRun: CatalogueImport.DryRun, _ outcomes: Outcomes
    ) async throws {
        if let problem = try dryRun.refusal(of: product.request) {
            return await outcomes.reject(product, problem, else: "")
        }
        for row in product.rows {
            guard let stock = try await catalogue.stock(of: row.sku), stock.onHand > 0 else { continue }
            return await outcomes.reject(
                product.rows, "\(stock.onHand) of \(row.sku) are on hand, and belong to no product")
        }
        await tally.created()
        let skus = product.rows.map(\.sku).joined(separator: ", ")
        tell("row \(product.rows[0].number): would create \(product.rows[0].title): \(skus)")
        try await previewStock(product.rows)
    }

    private func previewStock(_ rows: [CatalogueRow]) async throws {
        for row in rows {
            guard let quantity = row.quantity else { continue }
            let stock = try await catalogue.stock(of: row.sku)
            if let stock {
                guard options.updates, stock.onHand != quantity else { continue }
                await tally.counted()
                tell("row \(row.number): \(row.sku): would set the stock \(stock.onHand) -> \(quantity)")
            } else if quantity > 0 {
                await tally.received(quantity)
                tell("row \(row.number): \(row.sku): would receive \(quantity)")
            }
        }
    }
}
