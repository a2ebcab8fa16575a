import ActorSystem
import Commerce
import EventSourcing
import Storage
import Testing

@testable import Checkout

@Suite("What retention keeps", .timeLimit(.minutes(10))) struct RetentionTests {
    private static let all: Followers = [.inventory, .sales, .prices, .reconciler]

    @Test("records that everybody has seen go, by age and by size", arguments: [Retention.age(.seconds(60)), .bytes(0)])
    func seenByAll(retention: Retention) async throws {
        let world = World(shards: 1, clock: TestClock(step: .seconds(1)))
        try await world.run(Self.all, retention: retention) { node in
            try await node.shopUntilTruncated()
            // Nobody was cut off: what is ordered afterwards is fulfilled, and the oldest order is still there.
            let order = try await node.place([(world.sku("a"), 1)], key: 200)
            try await node.order(order.state.id) { $0.status == .fulfilled }
        }
        try await world.run(Self.all, retention: retention) { node in
            #expect(try await node.stock(world.sku("a")).onHand.rawValue >= 0)
            try await node.shopUntilTruncated(past: node.firstKept)
        }
    }

    @Test(
        "no record goes that a follower has yet to see",
        arguments: [(Followers.inventory, "inventory"), (.sales, "sales"), (.prices, "prices")])
    func unseen(stalled: Followers, name: String) async throws {
        let world = World(shards: 1)
        try await world.run(Self.all.subtracting(stalled), retention: .bytes(0)) { node in
            try await node.shopUntilSaved(past: 40)
            #expect(node.firstKept == LogIndex(1), "\(name)")
        }
        try await world.run(Self.all, retention: .bytes(0)) { try await $0.shopUntilTruncated() }
    }

    @Test("no record goes whose sale is collected and not yet counted, and none is missed by a restart")
    func collected() async throws {
        let world = World(shards: 1)
        let sku = world.sku("a")
        try await world.run(Self.all, retention: .bytes(0), salesPause: .seconds(3_600)) { node in
            try await node.create([sku])
            try await node.receive(sku, 100)
            // The first is counted at once, and then the pause begins.
            try await node.place([(sku, 1)], key: 1)
            try await node.wait(forSales: 1, of: sku)
            let journal = node.shards.catalogue.journal
            try await node.place([(sku, 1)], key: 2)
            let owed = journal.committed
            for key in UInt8(3)...9 { try await node.place([(sku, 1)], key: key) }
            while journal.checkpoint <= LogIndex(owed.rawValue + 40) { try await node.receive(sku, 1) }
            #expect(node.firstKept <= owed)
            try await node.wait(forSales: 1, of: sku)
        }
        try await world.run(Self.all, retention: .bytes(0)) { node in
            try await node.wait(forSales: 9, of: sku)
            try await node.shopUntilTruncated(past: node.firstKept)
        }
    }

    @Test("a reader of the feed whose place has gone is told so, before it begins and in the middle")
    func feed() async throws {
        let world = World(shards: 1)
        try await world.run(Self.all, retention: .bytes(0)) { node in
            let feed = EventFeed(shards: node.shards)
            let start = feed.beginning
            try await node.receive(world.sku("a"), 10_000)
            await #expect(throws: FeedFailure.positionExpired) {
                let never: @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(600)) }
                try await feed.follow(
                    after: start, types: nil, idleAfter: .seconds(60), until: never, while: { true }
                ) { _ in
                    // It takes so long that the log moves on beneath it, past all that it may have read.
                    try await node.shopUntilTruncated(past: node.shards.catalogue.journal.committed.next)
                }
            }
            #expect(throws: FeedFailure.positionExpired) { try feed.check(start) }
            try feed.check(feed.beginning)
            #expect(feed.beginning != start)
        }
    }
}

extension Node {
    /// The first record that the log of the first shard still has.
    var firstKept: LogIndex { shards.catalogue.journal.first }

    /// Returns once so many units are counted as sold.
    fileprivate func wait(forSales units: UInt64, of sku: SKU) async throws {
        while true {
            let sold = try await shards.read(Product.self, .standing(for: sku)).state.unitsSold
            if sold >= units { return #expect(sold == units) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Buys until the checkpoint is so far that nothing but its followers holds the first records.
    func shopUntilSaved(past index: UInt64) async throws {
        try await shop { shards.catalogue.journal.checkpoint > LogIndex(index) }
    }

    /// Buys until some of the log's records have gone.
    func shopUntilTruncated(past index: LogIndex = LogIndex(1)) async throws {
        try await shop { firstKept > index }
    }

    private func shop(until isEnough: () -> Bool) async throws {
        let sku = world.sku("a")
        var number: UInt8 = 0
        while !isEnough() {
            // Deletions ride on commits. Keys are used again: what counts is that something is written.
            number = number % 100 + 1
            try await receive(sku, 2)
            try await place([(sku, 1)], key: number)
        }
    }
}
