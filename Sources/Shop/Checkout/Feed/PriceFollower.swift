import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle

/// What a node keeps beside the catalogue's log, and shows.
public protocol CatalogueView: Sendable {
    /// Returns once it shows every change of the catalogue that any node had acknowledged before the call.
    ///
    /// - Throws: `.refused(.closed)` when no majority can be asked.
    func catchUp() async throws(ExecutionFailure)
}

/// Keeps a node's price book up to the catalogue's log, on every node.
public final class PriceFollower: Service, CatalogueView {
    /// What has become other than it was.
    public enum Change: Sendable {
        case products([ProductID])
        /// Another node's catalogue has replaced the one that was here.
        case everything
    }

    private static let limits = LogFollower.Limits(recordsMax: 1_024, bytesMax: 4 << 20)

    private let catalogue: Shard
    private let prices: PriceBook
    private let floors: RetentionFloors
    /// Told what has changed, before a client that waits for the change is told that it is there.
    private let onChange: @Sendable (Change) -> Void
    private let progress: FollowerProgress

    public init(
        catalogue: Shard, prices: PriceBook, floors: RetentionFloors, onChange: @escaping @Sendable (Change) -> Void
    ) {
        self.catalogue = catalogue
        self.prices = prices
        self.floors = floors
        self.onChange = onChange
        floors.hold(.prices, catalogue)
        progress = FollowerProgress(catalogue.journal.checkpoint)
    }

    /// Follows until the node shuts down, from when its states show the present. No order is priced before.
    public func run() async throws {
        prices.isKeptUp(to: catalogue, progress)
        defer { progress.end() }
        try await cancelWhenGracefulShutdown { [self] in
            try await catalogue.arrive()
            try await follow()
        }
    }

    /// Follows until the task is cancelled or the journal ends.
    public func follow() async throws {
        defer { progress.end() }
        prices.isKeptUp(to: catalogue, progress)
        try await LogFollower(of: catalogue, limits: Self.limits).follow { beginning in
            begin(beginning)
        } _: { stretch in
            try await apply(stretch.records)
            progress.advance(to: stretch.last)
            floors.advance(.prices, catalogue, to: stretch.last)
        }
    }

    /// Everything up to here is in the book.
    public var applied: LogIndex { progress.applied }

    /// Returns once every change of the catalogue that any node has acknowledged is in the book.
    public func catchUp() async throws(ExecutionFailure) {
        try await progress.catchUp(with: catalogue, to: try await catalogue.journalBarrier())
    }

    /// Returns once everything up to `index` is in the book.
    public func catchUp(to index: LogIndex) async { await progress.wait(for: index) }

    /// The stored catalogue has everything up to the checkpoint. The book may have been read before, and then it is
    /// good only where that has not moved on.
    private func begin(_ beginning: LogFollower.Beginning) -> LogIndex {
        let start = catalogue.journal.checkpoint
        if beginning != .first || start != progress.applied {
            prices.forget()
            onChange(.everything)
            progress.advance(to: start)
        }
        floors.advance(.prices, catalogue, to: start)
        return start
    }

    private func apply(_ records: [JournalRecord]) async throws {
        let changes = try CatalogueChanges(records)
        guard !changes.isEmpty else { return }
        if !changes.rewritten.isEmpty || !changes.freed.isEmpty {
            let products = await catalogue.readCommitted { states in
                changes.products.filter(changes.rewritten.contains).map { states.read(Product.self, $0).state }
            }
            prices.apply(products, freed: changes.freed)
        }
        onChange(.products(changes.products))
    }
}
