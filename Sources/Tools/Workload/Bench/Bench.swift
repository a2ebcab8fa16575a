import NIOCore

/// The benchmarks, over HTTP like any other client.
public struct Bench: Sendable {
    public enum Kind: Sendable { case orders, reads, hotSKU }

    /// As many as the peers have that we compare ourselves with.
    public static let skusDefault = 2_000
    /// Seven digits; the largest catalogue that is measured.
    public static let skusMax = 9_999_999
    /// Nine hundred ninety-nine: each SKU is sold at 9.99.
    static let price = Money(amount: 999, currency: "GBP")
    /// More than any load can sell.
    static let stock: Int64 = 1_000_000_000
    /// Marks the products of a benchmark, so that they can be listed.
    static let category = "Bench"
    /// More ids than a processor cache holds; listing all of a million would take longer than the load.
    static let idsMax = 10_000
    /// Enough to keep a node busy while it is prepared.
    private static let prepareConcurrency = 4

    let client: GatewayClient
    let tokens: TokenFile

    public init(client: GatewayClient, tokens: TokenFile) {
        self.client = client
        self.tokens = tokens
    }

    // MARK: - Preparing

    /// Creates the SKUs BENCH-000001 and so on with ample stock. What is there already is left as it is.
    ///
    /// - Returns: how many products were created.
    public func prepare(skus: Int, status: StatusLine) async throws -> Int {
        let created = Counter()
        let done = Counter()
        try await forEachConcurrently(
            stride(from: 0, to: skus, by: Receipts.countMax), limit: Self.prepareConcurrency
        ) { first in
            let numbers = Array(first + 1...min(first + Receipts.countMax, skus))
            for batch in numbers.batches(of: NewProducts.countMax) {
                await created.add(try await createProducts(batch.elements))
            }
            try await receive(numbers)
            await done.add(numbers.count)
            let count = await done.value
            status.show("\(StatusLine.bar(count, of: skus)) \(count) of \(skus) SKUs")
        }
        status.clear()
        return await created.value
    }

    private func createProducts(_ numbers: [Int]) async throws -> Int {
        let products = numbers.map { number in
            NewProduct(
                title: "Bench article \(number)", category: Self.category,
                variants: [.init(sku: benchSKU(number), price: Self.price)])
        }
        let range = "\(numbers[0])-\(numbers[numbers.count - 1])"
        let reply = try await client.send(
            .post("/products/batch", NewProducts(products: products), key: "bench-products-\(range)"))
        guard reply.status == 200 else { throw BenchFault.refused(what: "the products", reason: reply.summary) }
        let results = try reply.decode(BatchResults.self).results
        let refusal = results.first { !$0.succeeded && $0.problem?.code != ProblemCode.skuTaken }
        if let refusal { throw BenchFault.refused(what: "the products", reason: refusal.reason) }
        return reply.isReplayed ? 0 : results.count { $0.succeeded }
    }

    private func receive(_ numbers: [Int]) async throws {
        let receipts = numbers.map {
            Receipts.Receipt(sku: benchSKU($0), quantity: Self.stock, reference: "bench")
        }
        let range = "\(numbers[0])-\(numbers[numbers.count - 1])"
        let reply = try await client.send(
            .post("/inventory/batch", Receipts(receipts: receipts), key: "bench-stock-\(range)"))
        guard reply.status == 200 else { throw BenchFault.refused(what: "the stock", reason: reply.summary) }
        if let refusal = try reply.decode(BatchResults.self).results.first(where: { !$0.succeeded }) {
            throw BenchFault.refused(what: "the stock", reason: refusal.reason)
        }
    }

    // MARK: - Measuring

    /// - Parameter customers: over how many customers orders are spread; 0 for orders of the token's own account.
    public func run(_ kind: Kind, plan: LoadPlan, customers: Int) async throws -> BenchReport {
        let requested: LoadRequests.Kind =
            switch kind {
            case .orders: .orders(skus: try await preparedSKUs(atLeast: 2))
            case .hotSKU: .hotSKU
            case .reads: .reads(ids: try await productIDs())
            }
        if kind == .hotSKU { _ = try await preparedSKUs(atLeast: 1) }
        // The preparation above has renewed an expired token.
        let requests = LoadRequests(
            kind: requested, token: await tokens.accessToken, customers: customers,
            seed: UInt64.random(in: 0 ... .max))
        return try await LoadGenerator.run(plan: plan, requests: requests, addresses: client.addresses)
    }

    /// How many SKUs there are, found by halving: they are numbered without gaps.
    private func preparedSKUs(atLeast minimum: Int) async throws -> Int {
        var known = 0
        var beyond = 1
        while beyond <= Self.skusMax, try await exists(beyond) {
            known = beyond
            beyond *= 2
        }
        while beyond - known > 1 {
            let middle = (known + beyond) / 2
            if try await exists(middle) { known = middle } else { beyond = middle }
        }
        guard known >= minimum else { throw BenchFault.notPrepared }
        return known
    }

    private func exists(_ number: Int) async throws -> Bool {
        let reply = try await client.send(.get("/inventory/\(benchSKU(number))"))
        switch reply.status {
        case 200: return true
        case 404: return false
        default: throw BenchFault.refused(what: "the stock of \(benchSKU(number))", reason: reply.summary)
        }
    }

    private func productIDs() async throws -> [String] {
        struct Page: Decodable {
            struct Product: Decodable { let id: String }
            let data: [Product]
            let nextCursor: String?
        }
        var ids: [String] = []
        var cursor: String?
        repeat {
            let rest = cursor.map { "&cursor=\(GatewayAddress.escaped($0))" } ?? ""
            let reply = try await client.send(.get("/products?category=\(Self.category)&limit=100\(rest)"))
            guard reply.status == 200 else { throw BenchFault.refused(what: "the products", reason: reply.summary) }
            let page = try reply.decode(Page.self)
            ids += page.data.map(\.id)
            cursor = page.data.isEmpty ? nil : page.nextCursor
        } while cursor != nil && ids.count < Self.idsMax
        guard !ids.isEmpty else { throw BenchFault.notPrepared }
        return ids
    }
}

/// A number that many tasks add to.
actor Counter {
    private(set) var value = 0

    func add(_ count: Int) { value += count }
}
