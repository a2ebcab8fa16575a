import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Logging
import ServiceLifecycle

/// What a node keeps beside the logs so that reading is quick: prices, rendered products, the search index, counts.
public struct ShopViews: Sendable {
    public let prices: PriceBook
    public let priceFollower: PriceFollower
    let products: ProductCache
    let index: CatalogueIndex
    let search: SearchFollower
    let statistics: OrderStatistics

    /// - Parameter location: where the search index lies; it is made anew when it is missing or of no use.
    public init(
        shards: ShardMap, index location: CatalogueIndex.Location, floors: RetentionFloors,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) async throws {
        let products = ProductCache(catalogue: shards.catalogue)
        self.products = products
        prices = PriceBook(catalogue: shards.catalogue)
        priceFollower = PriceFollower(catalogue: shards.catalogue, prices: prices, floors: floors) { change in
            switch change {
            case .products(let changed): products.invalidate(changed)
            case .everything: products.invalidateAll()
            }
        }
        index = try await CatalogueIndex.open(at: location, for: shards)
        search = SearchFollower(shards: shards, index: index, floors: floors, logger: logger)
        statistics = OrderStatistics(of: shards, clock: clock)
    }

    /// Keep the views up to the logs while they run.
    public var services: [any Service] { [priceFollower, search, statistics] }
}
