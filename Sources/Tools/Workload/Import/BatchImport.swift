/// Imports one batch of products after the other: creates those that are new, looks at those that are there, receives
/// their stock.
struct BatchImport: Sendable {
    /// Products that are there, or counts, that are looked at at once.
    private static let concurrency = 4

    let client: GatewayClient
    let catalogue: RemoteCatalogue
    let columns: CSVColumns
    let options: CatalogueImport.Options
    let tally: ImportTally
    let claims: ProductClaims
    let tell: @Sendable (String) -> Void

    /// - Returns: the rows that are not in the catalogue now, or whose stock is not there.
    func bring(_ products: [CatalogueProduct], key: String) async throws -> [RowRejection] {
        let outcomes = Outcomes()
        if let dryRun = options.dryRun {
            try await forEachConcurrently(products, limit: Self.concurrency) { product in
                try await preview(product, dryRun, outcomes)
            }
            return await outcomes.rejections
        }
        var existing: [(product: CatalogueProduct, problem: Problem?)] = []
        let results = try await create(products, key: "\(key)-products")
        for (product, result) in zip(products, results) {
            if result.succeeded {
                await tally.created()
                await outcomes.stock(product.rows)
            } else if result.problem?.code == ProblemCode.skuTaken {
                existing.append((product, result.problem))
            } else {
                await outcomes.reject(product, result.problem, else: result.reason)
            }
        }
        try await forEachConcurrently(existing, limit: Self.concurrency) { product, problem in
            try await look(at: product, taken: problem, outcomes)
        }
        try await stock(await outcomes.rows, key: key, outcomes)
        return await outcomes.rejections
    }

    /// What has become of the rows of a batch.
    actor Outcomes {
        /// Those in the catalogue, whose stock is to be looked at.
        private(set) var rows: [CatalogueRow] = []
        private var rejected: [RowRejection] = []

        var rejections: [RowRejection] { rejected.sorted { $0.row < $1.row } }

        func stock(_ rows: [CatalogueRow]) { self.rows += rows }
        func reject(_ rows: [CatalogueRow], _ reason: String) {
            rejected += rows.map { RowRejection(row: $0.number, reason: reason) }
        }

        /// Rejects a product that the gateway does not take.
        ///
        /// - Parameter reason: where the gateway says nothing that can be read.
        func reject(_ product: CatalogueProduct, _ problem: Problem?, else reason: String) {
            guard let problem else { return reject(product.rows, reason) }
            rejected += ProductRefusal(of: product, problem).rejections
        }
    }

    // MARK: - Creating

    /// Asks for the products, and for halves of them when the gateway cannot read the whole, so that one product that
    /// it chokes on costs no other.
    private func create(_ products: [CatalogueProduct], key: String) async throws -> [BatchResults.Result] {
        let reply = try await client.send(
            .post("/products/batch", NewProducts(products: products.map(\.request)), key: key))
        return try await results(of: reply, products, key: key, what: "the products", rows: \.rows) {
            try await create($0, key: $1)
        }
    }

    /// The results of a batch; halves of one that is refused as a whole are asked for with `again`.
    private func results<Element>(
        of reply: GatewayReply, _ elements: [Element], key: String, what: String, rows: (Element) -> [CatalogueRow],
        _ again: ([Element], String) async throws -> [BatchResults.Result]
    ) async throws -> [BatchResults.Result] {
        switch reply.status {
        case 200:
            let results = try reply.decode(BatchResults.self).results
            guard results.count == elements.count else {
                throw GatewayFault.unexpected("\(results.count) results for \(elements.count) of \(what)")
            }
            return results
        case 400 where elements.count == 1, 413 where elements.count == 1, 422 where elements.count == 1:
            return [BatchResults.Result(status: reply.status, id: nil, problem: reply.problem)]
        case 400, 413, 422:
            let middle = elements.count / 2
            return try await again(Array(elements[..<middle]), "\(key)-1")
                + again(Array(elements[middle...]), "\(key)-2")
        default:
            let numbers = elements.flatMap(rows).map(\.number)
            throw ImportFault.refused(what: what, rows: numbers, reason: reply.summary)
        }
    }

    // MARK: - What is there

    /// Looks at a product of which the gateway has a SKU.
    ///
    /// - Parameter taken: names the SKUs that are taken, and by whom, unless the answer was too large to be repeated.
    private func look(at product: CatalogueProduct, taken: Problem?, _ outcomes: Outcomes) async throws {
        let holders: [String: String]
        if let skus = taken?.skus, let products = taken?.products, skus.count == products.count {
            holders = Dictionary(zip(skus, products)) { first, _ in first }
        } else {
            holders = try await catalogue.products(of: product.rows.map(\.sku)).mapValues(\.id)
        }
        let presence = ProductPresence(product, holders: holders)
        guard let home = presence.product else {
            return await outcomes.reject(product.rows, "a product with this SKU was there and is not any more")
        }
        if let row = await claims.claim(home, row: product.rows[0].number) {
            return await outcomes.reject(
                product.rows, "its SKU stands in product \(home), which is that of row \(row) already")
        }
        if options.updates {
            return try await ProductUpdate(batch: self, product: product, id: home).run(outcomes)
        }
        await tally.existing()
        for (row, reason) in presence.absent { await outcomes.reject([row], reason) }
        await outcomes.stock(presence.rows)
    }

    // MARK: - Stock

    /// Gives SKUs whose stock has never moved what the file says, and sets the others to it where that is wanted.
    private func stock(_ rows: [CatalogueRow], key: String, _ outcomes: Outcomes) async throws {
        var others: [CatalogueRow] = []
        for part in rows.filter({ $0.quantity ?? 0 > 0 }).batches(of: Receipts.countMax) {
            let results = try await receive(part.elements, key: "\(key)-stock-\(part.number)")
            for (row, result) in zip(part.elements, results) {
                if result.succeeded {
                    await tally.received(row.quantity ?? 0)
                } else if result.problem?.code == ProblemCode.stockChanged {
                    if result.problem?.onHand != row.quantity { others.append(row) }
                } else {
                    await outcomes.reject([row], "the product is there, its stock is not: \(result.reason)")
                }
            }
        }
        guard options.updates else { return }
        others += rows.filter { $0.quantity == 0 }
        try await forEachConcurrently(others, limit: Self.concurrency) { row in try await count(row, outcomes) }
    }

    private func receive(_ rows: [CatalogueRow], key: String) async throws -> [BatchResults.Result] {
        let receipts = rows.map { row in
            Receipts.Receipt(
                sku: row.sku, quantity: row.quantity ?? 0, reference: "import row \(row.number)", initial: true)
        }
        let reply = try await client.send(.post("/inventory/batch", Receipts(receipts: receipts), key: key))
        return try await results(of: reply, rows, key: key, what: "the stock", rows: { [$0] }) {
            try await receive($0, key: $1)
        }
    }

    /// How often a count is tried against a stock that goes on moving.
    private static let countAttemptsMax = 5

    /// Sets the stock of a SKU to what the file says.
    private func count(_ row: CatalogueRow, _ outcomes: Outcomes) async throws {
        guard let quantity = row.quantity else { return }
        var reason = ""
        for _ in 0..<Self.countAttemptsMax {
            guard let stock = try await catalogue.stock(of: row.sku), stock.onHand != quantity else { return }
            let count = StockCount(
                onHand: quantity, expected: stock.onHand, reason: "other", note: "import row \(row.number)")
            let reply = try await client.send(.put("/inventory/\(GatewayAddress.escaped(row.sku))", count))
            if reply.status == 200 {
                tell("row \(row.number): \(row.sku): stock \(stock.onHand) -> \(quantity)")
                return await tally.counted()
            }
            reason = reply.summary
            guard reply.problem?.code == ProblemCode.stockChanged else { break }
        }
        await outcomes.reject([row], "the product is there, its stock is not \(quantity): \(reason)")
    }
}

/// Where the rows of a product stand that the gateway has a SKU of.
struct ProductPresence {
    /// The product that has most of the SKUs, of several the one of the first; nil when none is there.
    let product: String?
    /// Those of its rows that are in it.
    let rows: [CatalogueRow]
    /// The others, and why.
    let absent: [(row: CatalogueRow, reason: String)]

    /// - Parameter holders: the products that have the SKUs, by SKU.
    init(_ file: CatalogueProduct, holders: [String: String]) {
        var counts: [String: Int] = [:]
        for row in file.rows { if let holder = holders[row.sku] { counts[holder, default: 0] += 1 } }
        let most = counts.values.max()
        let home = file.rows.lazy.compactMap { holders[$0.sku] }.first { counts[$0] == most }
        product = home
        rows = file.rows.filter { home != nil && holders[$0.sku] == home }
        absent = file.rows.filter { holders[$0.sku] != home }.map { row in
            guard let home else { return (row, "it is in no product") }
            guard let other = holders[row.sku] else {
                return (row, "\(row.sku) is not in the catalogue: its product is there without it (--update adds it)")
            }
            return (row, "\(row.sku) is in product \(other), the other rows of this one in \(home)")
        }
    }
}
