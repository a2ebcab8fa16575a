/// Brings a catalogue file into a gateway: products in batches, then their stock.
///
/// It may be broken off at any moment and run again: batches that are done are skipped, and a batch that was under way
/// is sent under the same keys, so that nothing is lost and nothing happens twice.
public struct CatalogueImport: Sendable {
    /// Batches under way at once: enough to keep a node busy.
    private static let concurrency = 4
    /// Half of what the gateway takes in one request, because the JSON around the text is not counted.
    private static let batchBytesMax = 512 * 1024

    private struct ProductBatch: Sendable {
        let number: Int
        let products: [CatalogueProduct]
    }

    private let path: String
    private let client: GatewayClient
    private let status: StatusLine
    private let tally = Tally()

    public init(path: String, client: GatewayClient, status: StatusLine) {
        self.path = path
        self.client = client
        self.status = status
    }

    /// Imports the file. Rows that cannot be imported are printed with their number and reason.
    ///
    /// - Throws: what ends an import early, such as an unreadable file or a refused token. Run it again to go on.
    public func run() async throws -> ImportReport {
        let start = ContinuousClock.now
        var file = try CatalogueFile(path: path)
        let survey = file.survey
        let progress = ImportProgress(path: "\(path).progress", digest: survey.digest, address: client.address)
        if let sku = await progress.done.min(by: { $0.key < $1.key })?.value, try await !exists(sku) {
            status.print("the gateway knows nothing of an earlier import: it starts anew")
            await progress.forget()
        }
        try await progress.open()
        let done = await progress.done

        var number = -1
        var rejected: [RowRejection] = []
        try await forEachConcurrently(
            from: { () throws -> ProductBatch? in
                let products = try nextProducts(&file, &rejected)
                number += 1
                return products.isEmpty ? nil : ProductBatch(number: number, products: products)
            }, limit: Self.concurrency
        ) { batch in
            if done[batch.number] != nil {
                await tally.skipped(batch.products.count)
            } else {
                try await bring(batch, digest: survey.digest, progress: progress)
            }
            let count = await tally.products
            status.show("\(StatusLine.bar(count, of: survey.products)) \(count) of \(survey.products) products")
        }
        status.clear()

        var report = await tally.report
        report.rows = survey.rows
        report.rowsRejected += rejected.count
        report.durationSeconds = (ContinuousClock.now - start).seconds
        if report.rowsRejected == 0 { try await progress.remove() }
        return report
    }

    /// The next good products of the file; the rows of bad ones are printed on the way.
    private func nextProducts(_ file: inout CatalogueFile, _ rejected: inout [RowRejection]) throws
        -> [CatalogueProduct]
    {
        var products: [CatalogueProduct] = []
        var bytes = 0
        while products.count < NewProducts.countMax, bytes < Self.batchBytesMax, let item = try file.next() {
            var bad: [RowRejection] = []
            switch item {
            case .rejected(let rejection): bad = [rejection]
            case .product(let product) where product.rejections.isEmpty:
                products.append(product)
                bytes += product.bytes
            case .product(let product): bad = product.rejectionsOfAll
            }
            for rejection in bad { status.print("\(rejection)") }
            rejected += bad
        }
        return products
    }

    /// Creates the products of the batch and receives the stock of those that are new.
    private func bring(_ batch: ProductBatch, digest: String, progress: ImportProgress) async throws {
        let key = "import-\(digest)-\(batch.number)"
        let results = try await create(batch.products, key: "\(key)-products")
        var created: [CatalogueProduct] = []
        var existing = 0
        var refused: [RowRejection] = []
        for (product, result) in zip(batch.products, results) {
            if result.succeeded {
                created.append(product)
            } else if result.problem?.code == ProblemCode.skuTaken {
                existing += 1
            } else {
                refused += product.rows.map { RowRejection(row: $0.number, reason: result.reason) }
            }
        }
        let received = try await receive(created.flatMap(\.rows), key: key, refused: &refused)
        for rejection in refused { status.print("\(rejection)") }
        await tally.done(
            products: batch.products.count, created: created.count, existing: existing, refused: refused.count,
            units: received)
        // A batch with a refusal is asked again by the next run, which reports it again.
        if refused.isEmpty { try await progress.finish(batch.number, sku: batch.products[0].rows[0].sku) }
    }

    /// Asks for the products, and for halves of them when the gateway cannot read the whole, so that one product that
    /// it chokes on costs no other.
    private func create(_ products: [CatalogueProduct], key: String) async throws -> [BatchResults.Result] {
        let reply = try await client.send(
            .post("/products/batch", NewProducts(products: products.map(\.request)), key: key))
        switch reply.status {
        case 200:
            let results = try reply.decode(BatchResults.self).results
            guard results.count == products.count else {
                throw GatewayFault.unexpected("\(results.count) results for \(products.count) products")
            }
            return results
        case 400 where products.count == 1, 413 where products.count == 1, 422 where products.count == 1:
            return [BatchResults.Result(status: reply.status, id: nil, problem: reply.problem)]
        case 400, 413, 422:
            let middle = products.count / 2
            return try await create(Array(products[..<middle]), key: "\(key)-1")
                + create(Array(products[middle...]), key: "\(key)-2")
        default:
            throw ImportFault.refused(what: "the products", rows: products.rowNumbers, reason: reply.summary)
        }
    }

    /// - Returns: the units received.
    private func receive(_ rows: [CatalogueRow], key: String, refused: inout [RowRejection]) async throws -> Int64 {
        var units: Int64 = 0
        for part in rows.filter({ $0.quantity > 0 }).batches(of: Receipts.countMax) {
            let receipts = part.elements.map {
                Receipts.Receipt(sku: $0.sku, quantity: $0.quantity, reference: "import row \($0.number)")
            }
            let reply = try await client.send(
                .post("/inventory/batch", Receipts(receipts: receipts), key: "\(key)-stock-\(part.number)"))
            guard reply.status == 200 else {
                throw ImportFault.refused(what: "the stock", rows: part.elements.map(\.number), reason: reply.summary)
            }
            let results = try reply.decode(BatchResults.self).results
            guard results.count == receipts.count else {
                throw GatewayFault.unexpected("\(results.count) results for \(receipts.count) receipts")
            }
            for (row, result) in zip(part.elements, results) {
                if result.succeeded {
                    units += row.quantity
                } else {
                    let reason = "the product is there, its stock is not: \(result.reason)"
                    refused.append(RowRejection(row: row.number, reason: reason))
                }
            }
        }
        return units
    }

    private func exists(_ sku: String) async throws -> Bool {
        try await client.send(.get("/inventory/\(GatewayAddress.escaped(sku))")).status == 200
    }

    private actor Tally {
        private(set) var report = ImportReport()
        private(set) var products = 0

        func skipped(_ count: Int) {
            products += count
            report.productsSkipped += count
        }

        func done(products count: Int, created: Int, existing: Int, refused: Int, units: Int64) {
            products += count
            report.productsCreated += created
            report.productsExisting += existing
            report.rowsRejected += refused
            report.unitsReceived += units
        }
    }
}

/// Why an import ended early.
public enum ImportFault: Error, Equatable, CustomStringConvertible {
    case refused(what: String, rows: [Int], reason: String)

    public var description: String {
        switch self {
        case .refused(let what, let rows, let reason):
            "the gateway refuses \(what) of the rows \(rows.min() ?? 0) to \(rows.max() ?? 0): \(reason); "
                + "what was imported so far is kept, run the import again to go on"
        }
    }
}

extension [CatalogueProduct] {
    fileprivate var rowNumbers: [Int] { flatMap(\.rows).map(\.number) }
}
