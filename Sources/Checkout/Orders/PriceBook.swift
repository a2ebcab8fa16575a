import Commerce
import EventSourcing
import Synchronization

/// What every SKU costs, in memory on every node: an order is priced without asking anybody.
public final class PriceBook: Sendable {
    public struct Entry: Sendable, Equatable {
        public let product: ProductID
        public let price: Money
        /// Whether its product can be ordered.
        public let isActive: Bool

        public init(product: ProductID, price: Money, isActive: Bool) {
            self.product = product
            self.price = price
            self.isActive = isActive
        }
    }

    private let entries = Mutex<[SKU: Entry]>([:])

    public init() {}

    public subscript(sku: SKU) -> Entry? { entries.withLock { $0[sku] } }

    /// The entries of several SKUs, in their order, as of one moment.
    public func entries(of skus: [SKU]) -> [Entry?] {
        entries.withLock { entries in skus.map { entries[$0] } }
    }

    /// Brings the book up to a product's new state: `removed` names the SKUs that it no longer has.
    public func update(_ product: Product, removing removed: [SKU] = []) {
        guard let details = product.details else { return }
        entries.withLock { entries in
            for sku in removed where entries[sku]?.product == product.id { entries[sku] = nil }
            for variant in details.variants {
                entries[variant.sku] = Entry(product: product.id, price: variant.price, isActive: details.isActive)
            }
        }
    }

    public var count: Int { entries.withLock { $0.count } }
}
