import ActorSystem
import Commerce
import EventSourcing
import JournalTesting
import Schema
import Synchronization
import Testing

@testable import Checkout

@Suite("A book of prices") struct PriceBookTests {
    private let journal = MemoryJournal()
    private let prices = PriceBook { _ in nil }
    private let progress = FollowerProgress(.zero)

    /// A catalogue with a product that was created by record 1, and stock that changed by record 2.
    private func catalogue() async throws -> Shard {
        let shard = Shard(
            id: .catalogue, of: 2, journal: journal, states: journal, kinds: OwnedKind.all,
            failStop: { fatalError("\($0)") })
        let sku = SKU("A")!
        let details = Product.Details(
            title: "T", variants: [Variant(sku: sku, price: Money(amount: 250, currency: .gbp))])
        _ = try await shard.execute(at: .zero) { batch throws(Product.Refusal) in
            try batch.decide(Product.self, .standing(for: sku), .create(details))
        }.get()
        _ = try await shard.execute(at: .zero) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, sku, .receive(1, reference: nil))
        }.get()
        prices.isKeptUp(to: shard, progress)
        return shard
    }

    @Test("is waited for until it shows the last change of the catalogue, and no longer", arguments: [0, 1])
    func waits(led: UInt16) async throws {
        let shard = try await catalogue()
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await prices.catchUp(leading: ShardID(led))
                isDone.raise()
            }
            for _ in 0..<100 { _ = await shard.readCommitted { $0.index } }
            #expect(!isDone.isRaised)
            // What has changed since is no product.
            progress.advance(to: LogIndex(1))
            try await group.waitForAll()
        }
    }

    @Test("prices nothing on a node that is cut off from the catalogue's shard")
    func cutOff() async throws {
        _ = try await catalogue()
        progress.advance(to: LogIndex(2))
        journal.setCutOff(true)
        await #expect(throws: ExecutionFailure.refused(.closed)) { try await prices.catchUp(leading: ShardID(1)) }
        // A node that leads the shard itself puts the order behind what it knows.
        try await prices.catchUp(leading: .catalogue)
    }

    @Test("that no follower keeps up is as it was made")
    func still() async throws { try await prices.catchUp(leading: ShardID(1)) }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
