import ActorSystem
import Catalogue
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps
import Testing

extension StepBench {
    static var ofCatalogue: StepBench {
        StepBench([.kind(Product.self), .kind(SKUClaim.self), .kind(IdempotencyKey.self), .kind(Stock.self)])
    }

    /// Keeps `body` under `key`, as the gateway of an earlier version did.
    func keep(_ body: String, location: String?) async throws {
        _ = try await shards.execute(on: .catalogue, at: .noon) { batch throws(IdempotencyKey.Refusal) in
            try batch.decide(
                IdempotencyKey.self, key.id,
                .claim(
                    fingerprint: key.fingerprint,
                    subject: .answer(status: 201, location: location, body: Array(body.utf8)),
                    expiresAt: batch.now + .seconds(60)))
        }.get()
    }
}

@Suite("A new product") struct CreateProductTests {
    @Test("is created once for each key, and is answered as it now is")
    func once() async throws {
        let bench = StepBench.ofCatalogue
        let step = CreateProduct(id, details("A"), key: key)
        #expect(try await !bench.run(step).get().isRepeated)
        _ = try await bench.run(ChangeProduct(id, .deactivate)).get()
        let again = try await bench.run(CreateProduct(other, details("A"), key: key)).get()
        #expect(again.isRepeated && again.product.state.id == id && again.product.version == 2)
        let another = StepKey(id: key.id, fingerprint: digest(0x33))
        guard case .failure(.keyReused) = try await bench.run(CreateProduct(id, details("B"), key: another)) else {
            return #expect(Bool(false))
        }
        #expect(bench.journal.committed == LogIndex(2))
    }

    @Test("is found where an earlier version kept it")
    func document() async throws {
        let bench = StepBench.ofCatalogue
        _ = try await bench.run(CreateProduct(id, details("A"))).get()
        try await bench.keep("{\"id\":\"\(id)\"}", location: "/api/v1/products/\(id)")
        let again = try await bench.run(CreateProduct(other, details("A"), key: key)).get()
        #expect(again.isRepeated && again.product.state.id == id)
    }

    @Test("has no SKU of another product, and takes over no stock unsaid")
    func claims() async throws {
        let bench = StepBench.ofCatalogue
        _ = try await bench.run(CreateProduct(id, details("A"))).get()
        let taken = try await bench.run(CreateProduct(other, details("A", "B"), key: key))
        guard case .failure(.skusTaken(let claimants)) = taken else { return #expect(Bool(false)) }
        #expect(claimants.map(\.product) == [id] && claimants.map(\.sku) == [SKU("A")!])
        let stocked = [SKUUnits(sku: SKU("B")!, units: 3)]
        let inStock = try await bench.run(CreateProduct(other, details("B"), stocked: stocked))
        guard case .failure(.skusInStock(stocked)) = inStock else { return #expect(Bool(false)) }
        _ = try await bench.run(CreateProduct(other, details("B"))).get()
        #expect(bench.journal.committed == LogIndex(3))
        _ = try await bench.run(ChangeProduct(id, .update(details("C")))).get()
        guard case .failure(.skusTaken(claimants)) = try await bench.run(
            CreateProduct(other, details("A", "B"), key: key))
        else { return #expect(Bool(false)) }
    }

    @Test("among many stands for itself, and all are answered as they were")
    func many() async throws {
        let bench = StepBench.ofCatalogue
        let stocked = [SKUUnits(sku: SKU("C")!, units: 3)]
        let third = ProductID(at: .noon, random: 3 << 40)
        let step = CreateProducts(
            [
                .init(id: id, details: details("A"), takesOverStock: false),
                .init(id: other, details: details("A"), takesOverStock: false),
                .init(id: other, details: details("B", title: ""), takesOverStock: false),
                .init(id: third, details: details("C"), takesOverStock: true),
            ], stocked: stocked, key: key)
        guard case .done(let outcomes, isRepeated: false) = try await bench.run(step).get() else {
            return #expect(Bool(false))
        }
        #expect(outcomes[0] == .created(id) && outcomes[3] == .created(third))
        #expect(outcomes[2] == .refused(.product(.invalid(field: .title, .empty))))
        guard case .refused(.skusTaken) = outcomes[1] else { return #expect(Bool(false)) }
        #expect(try await bench.run(step).get() == .done(outcomes, isRepeated: true))
        #expect(try await !bench.read(Product.self, other).exists)
        #expect(bench.journal.committed == LogIndex(1))
    }

    @Test("among many that are all refused is kept shorter than a key may keep")
    func shortened() async throws {
        let bench = StepBench.ofCatalogue
        let names = (0..<100).map { "\($0)" + String(repeating: "x", count: 60) }
        let stocked = names.map { SKUUnits(sku: SKU($0)!, units: 1) }
        var whole = details("A")
        whole.variants = names.map { Variant(sku: SKU($0)!, price: Money(amount: 1, currency: .gbp)) }
        let details = whole
        let products = (0..<UInt64(CreateProducts.productsMax)).map {
            CreateProducts.NewProduct(
                id: ProductID(at: .noon, random: $0 << 40), details: details, takesOverStock: false)
        }
        let step = CreateProducts(products, stocked: stocked, key: key)
        #expect(try CreateProducts(decoding: step.bytes[...]).products == products)
        guard case .done(let first, isRepeated: false) = try await bench.run(step).get(),
            case .done(let again, isRepeated: true) = try await bench.run(step).get()
        else { return #expect(Bool(false)) }
        #expect(first.allSatisfy { $0 == .refused(.skusInStock(stocked)) })
        #expect(again.count == first.count)
        #expect(again.allSatisfy { $0 == .refused(.skusInStock(Array(stocked.prefix(1)))) })
    }
}

@Suite("A change of a product") struct ChangeProductTests {
    @Test("moves the names of its SKUs with it")
    func claims() async throws {
        let bench = StepBench.ofCatalogue
        _ = try await bench.run(CreateProduct(id, details("A", "B"))).get()
        _ = try await bench.run(ChangeProduct(id, .update(details("B", "C")))).get()
        #expect(bench.journal.committed == LogIndex(2))
        #expect(try await bench.read(SKUClaim.self, CatalogueSKU(SKU("A")!)).state.holder == nil)
        #expect(try await bench.read(SKUClaim.self, CatalogueSKU(SKU("C")!)).state.holder == id)
    }

    @Test("is refused when the details are not those that its caller names")
    func conditions() async throws {
        let bench = StepBench.ofCatalogue
        let created = try await bench.run(CreateProduct(id, details("A"))).get().product.state
        let stale = Preconditions(ifMatch: "\"0000000000000000-1\"")
        guard case .failure(.condition) = try await bench.run(ChangeProduct(id, .deactivate, if: stale)) else {
            return #expect(Bool(false))
        }
        let revision = ProductRevision(try #require(created.details))
        let current = Preconditions(ifMatch: "\"\(revision)-1\"")
        _ = try await bench.run(ChangeProduct(id, .deactivate, if: current)).get()
    }

    @Test("is refused by the rules of products")
    func refusals() async throws {
        let bench = StepBench.ofCatalogue
        let price = Money(amount: -1, currency: .gbp)
        guard case .failure(.product(.notCreated)) = try await bench.run(ChangeProduct(id, .activate)) else {
            return #expect(Bool(false))
        }
        _ = try await bench.run(CreateProduct(id, details("A"))).get()
        guard case .failure(.price(.outOfRange)) = try await bench.run(ChangeProduct(id, .setPrice(SKU("A")!, price)))
        else { return #expect(Bool(false)) }
        #expect(bench.journal.committed == LogIndex(1))
    }

    @Test("with more than a product may have is no step")
    func bounds() {
        var long = details("A")
        long.title = String(repeating: "x", count: 4 * Product.Details.titleLengthMax + 1)
        #expect(throws: MalformedBytes.self) {
            try ChangeProduct(decoding: ChangeProduct(id, .update(long)).bytes[...])
        }
        var many = details("A")
        many.variants = (0...Product.Details.variantsMax).map {
            Variant(sku: SKU("S\($0)")!, price: Money(amount: 1, currency: .gbp))
        }
        #expect(throws: MalformedBytes.self) {
            try ChangeProduct(decoding: ChangeProduct(id, .update(many)).bytes[...])
        }
    }
}
