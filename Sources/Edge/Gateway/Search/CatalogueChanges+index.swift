import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Schema

extension CatalogueChanges {
    /// The SKUs of the products of which more has changed than how many were sold.
    func skus(in states: CommittedStates) -> [SKU] {
        products.filter(rewritten.contains).flatMap { id in states.look(at: Product.self, id) { $0.state.skus } }
    }

    /// What the index has to be told of these products as they stand.
    ///
    /// - Parameter available: whether SKUs can be bought, as far as that is known.
    func forIndex(in states: CommittedStates, _ available: [SKU: Bool]) -> [CatalogueChange] {
        products.filter(rewritten.contains).compactMap { id in
            states.look(at: Product.self, id) { product in
                CatalogueDocument(product.state) { available[$0] }.map { .product($0) }
            }
        }
    }
}

extension CatalogueDocument {
    /// Nil for a product that was never created.
    ///
    /// - Parameter inStock: says of each SKU whether it can be bought; nil leaves that to the movements of stock.
    init?(_ product: Product, inStock: (SKU) -> Bool?) {
        guard let details = product.details else { return nil }
        self.init(
            productID: product.id.description, title: details.title, description: details.description,
            brand: details.brand.isEmpty ? nil : details.brand, category: ProductQuery.categoryPath(details.category),
            attributes: details.attributes.map { CatalogueAttribute(name: $0.name, value: $0.value) },
            isActive: details.isActive,
            variants: details.variants.map { variant in
                CatalogueVariant(
                    sku: variant.sku.description, amount: variant.price.amount,
                    currency: variant.price.currency.description, inStock: inStock(variant.sku))
            },
            unitsSold: Int64(clamping: product.unitsSold), createdAt: product.createdAt ?? .zero)
    }
}
