import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Schema

/// Why the catalogue was not changed.
enum CatalogueRefusal: Error {
    /// Other products have these SKUs.
    case skusTaken([SKU])
    case product(Product.Refusal)
    /// The details are no longer those that the caller has seen.
    case revisionDiffers(ProductRevision)
}

/// Changes of the catalogue. A product and the names of its SKUs change in one record, so that no SKU ever has two
/// products.
struct Catalogue: Sendable {
    let shop: Shop

    // MARK: - Creating

    func newID() -> ProductID { ProductID(at: shop.clock(), random: shop.random()) }

    static func create(
        _ id: ProductID, _ details: Product.Details, in batch: Batch
    ) throws(CatalogueRefusal) -> Versioned<Product> {
        // Looked at before anything is decided: in a batch of many products a refusal leaves nothing of this one
        // behind.
        let taken = taken(details.variants.map(\.sku), by: id, in: batch)
        guard taken.isEmpty else { throw .skusTaken(taken) }
        try decide(.create(details), id, isNew: true, in: batch)
        claim(details.variants.map(\.sku), for: id, in: batch)
        return batch.read(Product.self, id)
    }

    // MARK: - Changing

    /// Changes a product.
    ///
    /// - Parameter condition: an `If-Match` that must name the details that are there.
    func change(
        _ id: ProductID, _ command: Product.Command, ifMatch condition: String?
    ) async throws -> Versioned<Product> {
        try await shop.execute(on: id.slot) { batch throws(CatalogueRefusal) in
            let before = batch.read(Product.self, id).state.details
            guard let before else { throw .product(.notCreated) }
            if let condition {
                let revision = ProductRevision(before)
                guard revision.isNamed(by: condition) else { throw .revisionDiffers(revision) }
            }
            let old = Set(before.variants.map(\.sku))
            var new = old
            if case .update(let details) = command { new = Set(details.variants.map(\.sku)) }
            let added = new.subtracting(old).sorted()
            let taken = Self.taken(added, by: id, in: batch)
            guard taken.isEmpty else { throw .skusTaken(taken) }
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
            throw .product(error)
        }
    }

    private static func taken(_ skus: [SKU], by id: ProductID, in batch: Batch) -> [SKU] {
        var taken: [SKU] = []
        for sku in skus {
            if let holder = batch.read(SKUClaim.self, CatalogueSKU(sku)).state.holder, holder != id {
                taken.append(sku)
            }
        }
        return taken
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
