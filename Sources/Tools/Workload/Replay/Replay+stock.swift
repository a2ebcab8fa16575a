extension Replay {
    /// The stock a replay works on.
    struct Stock: Sendable {
        /// Units received, by SKU.
        let received: [String: Int64]
        /// Units that were there before, by SKU; empty when this file's stock had been received by an earlier run.
        let before: [String: Int64]
    }

    /// Requests of the set-up under way at once: enough to keep a node busy, not enough to be a peak.
    private static let setUpConcurrency = 4

    /// Creates the products that are missing and receives the stock of the plan, once per file and plan.
    func loadStock() async throws -> Stock {
        try await createProducts()
        let before = try await stockNow().mapValues(\.onHand)
        let plan = history.unitsSold.mapValues { options.stock.units(forSold: $0) }
        let receipts = plan.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        let earlier = try await receive(receipts.map { .init(sku: $0.key, quantity: $0.value, reference: "replay") })
        return Stock(received: plan, before: earlier ? [:] : before)
    }

    private func createProducts() async throws {
        let products = history.products.map { product in
            NewProduct(
                title: product.title, category: "Online Retail",
                variants: [.init(sku: product.sku, price: Money(amount: product.price, currency: Self.currency))])
        }
        try await forEachConcurrently(products.batches(of: NewProducts.countMax), limit: Self.setUpConcurrency) {
            batch in
            let reply = try await send(
                .post("/products/batch", NewProducts(products: batch.elements), key: key("products-\(batch.number)")))
            if isUsedUp(reply) { return }
            guard reply.status == 200 else {
                throw ReplayFault.requestRefused(what: "the products", reason: reply.summary)
            }
            let results = try reply.decode(BatchResults.self).results
            guard results.count == batch.elements.count else {
                throw GatewayFault.unexpected("\(results.count) results for \(batch.elements.count) products")
            }
            for (product, result) in zip(batch.elements, results) where !result.succeeded {
                // A product of an earlier run is as good as a new one: the order brings its own prices.
                if result.problem?.code == ProblemCode.skuTaken { continue }
                throw ReplayFault.catalogueRefused(sku: product.variants[0].sku, reason: result.reason)
            }
            status.show("catalogue: \(batch.number + 1) of \(batch.count) batches")
        }
    }

    /// - Returns: whether an earlier run of this file had received this stock.
    private func receive(_ receipts: [Receipts.Receipt]) async throws -> Bool {
        var isEarlier = false
        for batch in receipts.batches(of: Receipts.countMax) {
            let plan = "stock-\(options.stock.name)-\(history.sales.count)-\(batch.number)"
            let reply = try await send(.post("/inventory/batch", Receipts(receipts: batch.elements), key: key(plan)))
            if isUsedUp(reply) {
                isEarlier = true
                continue
            }
            guard reply.status == 200 else {
                throw ReplayFault.requestRefused(what: "the stock", reason: reply.summary)
            }
            let results = try reply.decode(BatchResults.self).results
            guard results.count == batch.elements.count else {
                throw GatewayFault.unexpected("\(results.count) results for \(batch.elements.count) receipts")
            }
            if let (receipt, refusal) = zip(batch.elements, results).first(where: { !$0.1.succeeded }) {
                throw ReplayFault.stockRefused(sku: receipt.sku, reason: refusal.reason)
            }
            if reply.isReplayed && reply.attempts == 1 { isEarlier = true }
        }
        return isEarlier
    }

    /// Whether a key, which stands for this request alone, is used up without an answer to repeat: so says a cluster
    /// that was restored with another number of shards.
    private func isUsedUp(_ reply: GatewayReply) -> Bool { reply.problem?.code == ProblemCode.keyReused }

    /// What the gateway has of every SKU of the file.
    func stockNow() async throws -> [String: InventoryDocument] {
        let books = Books()
        try await forEachConcurrently(history.products, limit: options.concurrency) { product in
            let reply = try await send(.get("/inventory/\(GatewayAddress.escaped(product.sku))"))
            switch reply.status {
            case 200: await books.add(try reply.decode(InventoryDocument.self), under: product.sku)
            case 404: await books.add(InventoryDocument(sku: product.sku, onHand: 0, reserved: 0), under: product.sku)
            default: throw ReplayFault.requestRefused(what: "the stock of \(product.sku)", reason: reply.summary)
            }
            status.show("stock: reading")
        }
        return await books.entries
    }

    private actor Books {
        private(set) var entries: [String: InventoryDocument] = [:]

        func add(_ document: InventoryDocument, under sku: String) { entries[sku] = document }
    }

    /// The stock once nothing is held any more, or when the limit for settling is over: an order is fulfilled before
    /// the stock on other shards has followed it.
    private func settledStock() async throws -> [String: InventoryDocument] {
        let end = ContinuousClock.now + options.settleLimit
        while true {
            let now = try await stockNow()
            if now.values.allSatisfy({ $0.reserved == 0 }) || ContinuousClock.now >= end { return now }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Compares the gateway's books with the file.
    func reconcile(_ stock: Stock, ordersValue: Int64) async throws -> ReplayReport.Reconciliation {
        let placed = await tally.placed
        var sold: [String: Int64] = [:]
        for line in placed.lazy.flatMap(\.invoice.lines) { sold[line.sku, default: 0] += line.quantity }

        var result = ReplayReport.Reconciliation()
        let now = try await settledStock()
        for product in history.products {
            guard let books = now[product.sku] else { continue }
            let received = stock.received[product.sku, default: 0]
            result.skus += 1
            result.unitsReceived += received
            result.unitsOnHand += books.onHand
            result.unitsReserved += books.reserved
            let expected = stock.before[product.sku, default: 0] + received - sold[product.sku, default: 0]
            if books.onHand != expected || books.reserved != 0 {
                result.skusOff += 1
                await tally.failure(
                    "\(product.sku): \(books.onHand) on hand and \(books.reserved) reserved, expected \(expected) and 0"
                )
            }
        }
        result.ordersValueMinor = ordersValue
        result.agrees = result.skusOff == 0 && ordersValue == placed.reduce(0) { $0 + $1.invoice.value }
        return result
    }
}

extension BatchResults.Result {
    var reason: String { problem?.description ?? "status \(status)" }
}

/// One of the equal parts of a list.
struct Batch<Element: Sendable>: Sendable {
    /// From 0.
    let number: Int
    /// How many batches there are.
    let count: Int
    let elements: [Element]
}

extension Array where Element: Sendable {
    func batches(of size: Int) -> [Batch<Element>] {
        let total = (count + size - 1) / size
        return (0..<total).map { number in
            let part = self[number * size..<Swift.min((number + 1) * size, count)]
            return Batch(number: number, count: total, elements: Array(part))
        }
    }
}
