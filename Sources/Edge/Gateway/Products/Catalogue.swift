import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema
import Steps

/// Why the catalogue was not changed.
enum CatalogueRefusal: Error {
    /// Other products have these SKUs.
    case skusTaken([SKUClaimant])
    /// No product has these SKUs, and units of them are on hand.
    case skusInStock([SKUUnits])
    case product(Product.Refusal)
    /// The price of one variant, which the request has alone.
    case price(ProductProblem)
    /// The details are not those that the caller names.
    case precondition(Problem)
}

/// A SKU, and the product that has it.
struct SKUClaimant: Equatable {
    let sku: SKU
    let product: ProductID
}

/// Changes of the catalogue. A product and the names of its SKUs change in one record, so that no SKU ever has two
/// products.
struct Catalogue: Sendable {
    let shop: Shop

    // MARK: - Creating

    func newID() -> ProductID { ProductID(at: shop.clock(), random: shop.random()) }

    /// - Parameter stocked: units on hand of SKUs that the product may not take over with them.
    static func create(
        _ id: ProductID, _ details: Product.Details, stocked: [SKU: Units], in batch: Batch
    ) throws(CatalogueRefusal) -> Versioned<Product> {
        // Looked at before anything is decided: in a batch of many products a refusal leaves nothing of this one
        // behind.
        let skus = details.variants.map(\.sku)
        try requireFree(skus, for: id, stocked: stocked, in: batch)
        try decide(.create(details), id, isNew: true, in: batch)
        claim(skus, for: id, in: batch)
        return batch.read(Product.self, id)
    }

    /// What is on hand of the SKUs that new products, or new variants, must not take over unsaid.
    ///
    /// Stock lives on the shards of its SKUs, so this is a look before the step: what arrives in between was received
    /// by staff for a SKU that no product has.
    func stocked(_ forms: [ProductForm]) async throws -> [SKU: Units] {
        var stocked: [SKU: Units] = [:]
        let skus = Set(forms.lazy.filter { !$0.takesOverStock }.flatMap(\.details.variants).map(\.sku)).sorted()
        for shard in shop.shards.shards {
            var rest = skus.filter { shop.shards[$0.slot].id == shard.id }[...]
            while !rest.isEmpty {
                let step = rest.prefix(Self.skusPerStepMax)
                rest = rest.dropFirst(Self.skusPerStepMax)
                let found = try await shard.execute(at: shop.clock()) { batch throws(Never) in
                    step.map { SKUUnits(sku: $0, units: batch.read(Stock.self, $0).state.onHand) }
                }.get()
                for line in found where line.units > 0 { stocked[line.sku] = line.units }
            }
        }
        return stocked
    }

    /// SKUs looked at in one step of a shard: a quarter of a millisecond.
    private static let skusPerStepMax = 128

    // MARK: - Changing

    /// Changes a product.
    ///
    /// - Parameters:
    ///   - actor: who asks.
    ///   - conditions: are compared with the details that are there.
    func change(
        _ id: ProductID, _ command: Product.Command, by actor: ActorID, stocked: [SKU: Units] = [:],
        if conditions: Preconditions
    ) async throws -> Versioned<Product> {
        try await shop.execute(on: id.slot, by: actor) { batch throws(CatalogueRefusal) in
            let before = batch.read(Product.self, id).state.details
            guard let before else { throw .product(.notCreated) }
            do throws(Problem) {
                try conditions.check(.revision(ProductRevision(before).description))
            } catch {
                throw .precondition(error)
            }
            let old = Set(before.variants.map(\.sku))
            var new = old
            if case .update(let details) = command { new = Set(details.variants.map(\.sku)) }
            let added = new.subtracting(old).sorted()
            try Self.requireFree(added, for: id, stocked: stocked, in: batch)
            try Self.decide(command, id, in: batch)
            Self.claim(added, for: id, in: batch)
            Self.release(old.subtracting(new).sorted(), of: id, in: batch)
            return batch.read(Product.self, id)
        }
    }

    // MARK: - Steps of a batch

    private static func decide(
        _ command: Product.Command, _ id: ProductID, isNew: Bool = false, in batch: Batch
    ) throws(CatalogueRefusal) {
        do throws(Product.Refusal) {
            try batch.decide(Product.self, id, command, isNew: isNew)
        } catch {
            if case .setPrice = command, case .invalid(.variantPrice, let problem) = error { throw .price(problem) }
            throw .product(error)
        }
    }

    private static func requireFree(
        _ skus: [SKU], for id: ProductID, stocked: [SKU: Units], in batch: Batch
    ) throws(CatalogueRefusal) {
        var taken: [SKUClaimant] = []
        var inStock: [SKUUnits] = []
        for sku in skus {
            let holder = batch.read(SKUClaim.self, CatalogueSKU(sku)).state.holder
            if let holder, holder != id {
                taken.append(SKUClaimant(sku: sku, product: holder))
            } else if holder == nil, let units = stocked[sku] {
                inStock.append(SKUUnits(sku: sku, units: units))
            }
        }
        guard taken.isEmpty else { throw .skusTaken(taken) }
        guard inStock.isEmpty else { throw .skusInStock(inStock) }
    }

    private static func claim(_ skus: [SKU], for id: ProductID, in batch: Batch) {
        for sku in skus { decide(.claim(id), sku, in: batch) }
    }

    private static func release(_ skus: [SKU], of id: ProductID, in batch: Batch) {
        for sku in skus { decide(.release(id), sku, in: batch) }
    }

    private static func decide(_ command: SKUClaim.Command, _ sku: SKU, in batch: Batch) {
        do throws(SKUClaim.Refusal) {
            try batch.decide(SKUClaim.self, CatalogueSKU(sku), command)
        } catch {
            preconditionFailure("\(sku) was free, or the product's own, and refused: \(error)")
        }
    }
}
