import ActorSystem
import Commerce
import EventSourcing
import Schema
import ServiceLifecycle
import Synchronization

/// Keeps a node's price book up to the catalogue's log.
public final class PriceFollower: Service {
    private static let recordsPerStepMax = 1_024
    private static let bytesPerStepMax = 4 << 20

    private let catalogue: Shard
    private let prices: PriceBook
    /// Told which products have changed, before anybody who waits for the change is told that it is there.
    private let onChange: @Sendable ([ProductID]) -> Void
    private let progress: Progress

    private struct Waiting {
        var applied: LogIndex
        var waiters: [(index: LogIndex, continuation: CheckedContinuation<Void, Never>)] = []
        var hasEnded = false
    }

    private final class Progress: Sendable {
        let state: Mutex<Waiting>
        init(_ start: LogIndex) { state = Mutex(Waiting(applied: start)) }
    }

    public init(catalogue: Shard, prices: PriceBook, onChange: @escaping @Sendable ([ProductID]) -> Void) {
        self.catalogue = catalogue
        self.prices = prices
        self.onChange = onChange
        progress = Progress(catalogue.journal.checkpoint)
    }

    public func run() async throws {
        defer { end() }
        let start = progress.state.withLock { $0.applied }
        try await cancelWhenGracefulShutdown { [self] in
            try await catalogue.follow(
                after: start, countMax: Self.recordsPerStepMax, bytesMax: Self.bytesPerStepMax
            ) { records, last in
                try await apply(records)
                advance(to: last)
            }
        }
    }

    /// Returns once everything that is committed now is in the book: whoever changed a price orders at the new one.
    public func catchUp() async {
        let target = catalogue.journal.committed
        await withCheckedContinuation { continuation in
            let isThere = progress.state.withLock { state in
                if state.applied >= target || state.hasEnded { return true }
                state.waiters.append((target, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func apply(_ records: [JournalRecord]) async throws {
        let changes = try CatalogueChanges(records)
        guard !changes.isEmpty else { return }
        let products = try await catalogue.execute(at: .zero) { batch throws(Never) in
            changes.products.map { batch.read(Product.self, $0).state }
        }.get()
        prices.apply(products, freed: changes.freed)
        onChange(changes.products)
    }

    private func advance(to index: LogIndex) {
        let ready = progress.state.withLock { state in
            state.applied = index
            let split = state.waiters.partition { $0.index <= index }
            defer { state.waiters.removeSubrange(split...) }
            return Array(state.waiters[split...])
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    private func end() {
        let left = progress.state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left { waiter.continuation.resume() }
    }
}
