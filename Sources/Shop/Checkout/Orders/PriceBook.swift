import ActorSystem
import Commerce
import EventSourcing
import Schema
import Synchronization

/// What every SKU costs, in memory on every node: an order is priced without asking a shard.
///
/// A SKU that no order has asked for since the node started is read from the stored catalogue; what has changed since
/// that was written is kept here by `PriceFollower`.
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

    private struct Contents {
        var entries: [SKU: Entry?] = [:]
        /// Moves when everything is forgotten: what was read from the stored catalogue before is not kept after it.
        var epoch: UInt64 = 0
    }

    /// Where changes come from.
    private struct Source {
        let catalogue: Shard
        let progress: FollowerProgress
    }

    private let contents = Mutex(Contents())
    private let source = Mutex<Source?>(nil)
    private let stored: @Sendable (SKU) -> Entry?

    /// - Parameter stored: reads the entry of a SKU that has not changed since the catalogue was stored.
    public init(stored: @escaping @Sendable (SKU) -> Entry?) { self.stored = stored }

    public subscript(sku: SKU) -> Entry? { entries(of: [sku])[0] }

    /// The entries of several SKUs, in their order; nil where the catalogue has none.
    public func entries(of skus: [SKU]) -> [Entry?] {
        let known = contents.withLock { contents in skus.map { contents.entries[$0] } }
        return zip(skus, known).map { sku, entry in entry ?? load(sku) }
    }

    private func load(_ sku: SKU) -> Entry? {
        let epoch = contents.withLock(\.epoch)
        guard let entry = stored(sku) else { return nil }
        // The follower may have been quicker, and then knows better.
        return contents.withLock { contents in
            if let newer = contents.entries[sku] { return newer }
            if contents.epoch == epoch { contents.entries[sku] = .some(entry) }
            return entry
        }
    }

    /// From now on `progress` says how far the book is up to the log of the catalogue.
    func isKeptUp(to catalogue: Shard, _ progress: FollowerProgress) {
        source.withLock { $0 = Source(catalogue: catalogue, progress: progress) }
    }

    /// Returns once the book shows every change of a price that any node had acknowledged before the call.
    ///
    /// - Parameter led: a shard that this node leads. What is priced goes into its log, or is not taken.
    /// - Throws: `.refused(.closed)` when no majority can be asked.
    func catchUp(leading led: ShardID) async throws(ExecutionFailure) {
        guard let source = source.withLock({ $0 }) else { return }
        let (catalogue, progress) = (source.catalogue, source.progress)
        // Whatever was acknowledged is in the log of its leader. A node that leads no longer opens no order.
        let index = catalogue.id == led ? catalogue.journal.committed : try await catalogue.journalBarrier()
        try await progress.catchUp(with: catalogue, to: index)
    }

    /// The stored catalogue is another one: nothing of the one before is left.
    func forget() {
        contents.withLock { contents in
            contents.entries = [:]
            contents.epoch += 1
        }
    }

    /// Brings the book up to the products' new states; `freed` names SKUs that a product gave up.
    func apply(_ products: [Product], freed: [SKU]) {
        contents.withLock { contents in
            for sku in freed { contents.entries[sku] = .some(nil) }
            for product in products {
                guard let details = product.details else { continue }
                for variant in details.variants {
                    let entry = Entry(product: product.id, price: variant.price, isActive: details.isActive)
                    contents.entries[variant.sku] = .some(entry)
                }
            }
        }
    }
}

extension PriceBook {
    /// A book over the states that the catalogue's shard has stored.
    public convenience init(catalogue: Shard) {
        self.init { sku in
            guard let claim = catalogue.storedState(SKUClaim.self, CatalogueSKU(sku)), let id = claim.holder,
                let details = catalogue.storedState(Product.self, id)?.details,
                let variant = details.variants.first(where: { $0.sku == sku })
            else { return nil }
            return Entry(product: id, price: variant.price, isActive: details.isActive)
        }
    }
}
