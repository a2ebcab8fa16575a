import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle

/// Keeps a node's price book up to the catalogue's log.
public final class PriceFollower: Service {
    private static let recordsPerStepMax = 1_024
    private static let bytesPerStepMax = 4 << 20

    private let catalogue: Shard
    private let prices: PriceBook
    private let floors: RetentionFloors
    /// Told which products have changed, before a caller that waits for the change is told that it is there.
    private let onChange: @Sendable ([ProductID]) -> Void
    private let progress: FollowerProgress

    public init(
        catalogue: Shard, prices: PriceBook, floors: RetentionFloors,
        onChange: @escaping @Sendable ([ProductID]) -> Void
    ) {
        self.catalogue = catalogue
        self.prices = prices
        self.floors = floors
        self.onChange = onChange
        floors.hold(.prices, catalogue)
        progress = FollowerProgress(catalogue.journal.checkpoint)
    }

    public func run() async throws {
        defer { progress.end() }
        let start = progress.applied
        floors.advance(.prices, catalogue, to: start)
        try await cancelWhenGracefulShutdown { [self] in
            try await catalogue.follow(
                after: start, countMax: Self.recordsPerStepMax, bytesMax: Self.bytesPerStepMax
            ) { records, last in
                try await apply(records)
                progress.advance(to: last)
                floors.advance(.prices, catalogue, to: last)
            }
        }
    }

    /// Returns once everything that is committed now is in the book: who changed a price orders at the new one.
    public func catchUp() async { await progress.wait(for: catalogue.journal.committed) }

    private func apply(_ records: [JournalRecord]) async throws {
        let changes = try CatalogueChanges(records)
        guard !changes.isEmpty else { return }
        if !changes.rewritten.isEmpty || !changes.freed.isEmpty {
            let products = try await catalogue.execute(at: .zero) { batch throws(Never) in
                changes.products.filter(changes.rewritten.contains).map { batch.read(Product.self, $0).state }
            }.get()
            prices.apply(products, freed: changes.freed)
        }
        onChange(changes.products)
    }
}
