import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps

// A product and the names of its SKUs change in one record, so that no SKU ever has two products.
extension Batch {
    /// Looks before it decides anything: among many products a refusal leaves nothing of this one behind.
    ///
    /// - Parameter stocked: units on hand of SKUs that the product may not take over with them.
    func create(_ id: ProductID, _ details: Product.Details, stocked: [SKU: Units]) throws(CatalogueRefusal) {
        let skus = details.variants.map(\.sku)
        try requireFree(skus, for: id, stocked: stocked)
        try decide(.create(details), of: id)
        for sku in skus { decide(.claim(id), of: sku) }
    }

    func change(_ id: ProductID, _ command: Product.Command, stocked: [SKU: Units]) throws(CatalogueRefusal) {
        let old = Set(read(Product.self, id).state.details?.variants.map(\.sku) ?? [])
        var new = old
        if case .update(let details) = command { new = Set(details.variants.map(\.sku)) }
        let added = new.subtracting(old).sorted()
        try requireFree(added, for: id, stocked: stocked)
        try decide(command, of: id)
        for sku in added { decide(.claim(id), of: sku) }
        for sku in old.subtracting(new).sorted() { decide(.release(id), of: sku) }
    }

    private func decide(_ command: Product.Command, of id: ProductID) throws(CatalogueRefusal) {
        do throws(Product.Refusal) {
            try decide(Product.self, id, command)
        } catch {
            if case .setPrice = command, case .invalid(.variantPrice, let problem) = error { throw .price(problem) }
            throw .product(error)
        }
    }

    private func requireFree(
        _ skus: [SKU], for id: ProductID, stocked: [SKU: Units]
    ) throws(CatalogueRefusal) {
        var taken: [SKUClaimant] = []
        var inStock: [SKUUnits] = []
        for sku in skus {
            let holder = read(SKUClaim.self, CatalogueSKU(sku)).state.holder
            if let holder, holder != id {
                taken.append(SKUClaimant(sku: sku, product: holder))
            } else if holder == nil, let units = stocked[sku] {
                inStock.append(SKUUnits(sku: sku, units: units))
            }
        }
        guard taken.isEmpty else { throw .skusTaken(taken) }
        guard inStock.isEmpty else { throw .skusInStock(inStock) }
    }

    private func decide(_ command: SKUClaim.Command, of sku: SKU) {
        do throws(SKUClaim.Refusal) {
            try decide(SKUClaim.self, CatalogueSKU(sku), command)
        } catch {
            preconditionFailure("\(sku) was free, or the product's own, and refused: \(error)")
        }
    }
}

extension [SKUUnits] {
    var byName: [SKU: Units] {
        [SKU: Units](map { ($0.sku, $0.units) }) { first, _ in first }
    }
}
