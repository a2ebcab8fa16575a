import ActorSystem
import CatalogueSearch
import Checkout
import Commerce
import EventSourcing
import Logging
import Storage
import Testing

@testable import Gateway

@Suite("How the search index hears of sales", .timeLimit(.minutes(10)))
struct SalesFollowerTests {
    @Test("what sells best comes first, and what came back counts no more")
    func order() async throws {
        try await ShopFixture.run(searching: false) { fixture in
            let bench = try SearchBench(fixture)
            try await bench.create(2)
            let following = try await bench.followFromHere(salesPause: .zero)
            defer { following.cancel() }
            try await bench.sell(0, 3)
            try await bench.wait(forBestSellers: [0, 1])
            try await bench.sell(1, 5)
            try await bench.wait(forBestSellers: [1, 0])
            try await bench.count(.recordUnitsReturned(bench.units(4, of: 1)), of: 1)
            try await bench.wait(forBestSellers: [0, 1])
        }
    }

    @Test("what is sold in the pause is collected for the next time; a restart begins with it")
    func collected() async throws {
        try await ShopFixture.run(searching: false) { fixture in
            let bench = try SearchBench(fixture)
            try await bench.create(2)
            let following = try await bench.followFromHere(salesPause: .seconds(3_600))
            try await bench.sell(0, 3)
            // The first is told at once, and then the pause begins.
            try await bench.wait(forBestSellers: [0, 1])
            // A change of the product that is told, and a sale behind it.
            try await bench.count(.setPrice(bench.sku(1), bench.price(5)), of: 1)
            try await bench.waitForProducts()
            try await bench.sell(1, 5)
            let owed = bench.catalogue.journal.committed
            try await bench.waitForProducts()
            #expect(try await bench.bestSellers() == [0, 1])
            #expect(try await bench.index.positions()[SearchFollower.salesLog] < owed)
            following.cancel()
            try await following.value

            let next = bench.follow(salesPause: .seconds(3_600))
            defer { next.cancel() }
            try await bench.wait(forBestSellers: [1, 0])
        }
    }

    @Test("more products than go into one transaction are told, each of them")
    func chunks() async throws {
        let count = 2_100
        try await ShopFixture.run(searching: false) { fixture in
            let bench = try SearchBench(fixture)
            try await bench.create(count)
            let following = try await bench.followFromHere(salesPause: .zero)
            defer { following.cancel() }
            // The later, the more.
            _ = try await fixture.shop.shards.execute(on: .catalogue, at: ShopFixture.now()) {
                batch throws(Product.Refusal) in
                for number in 0..<count {
                    let units = bench.units(number + 1, of: number)
                    try batch.decide(Product.self, bench.product(number), .recordUnitsSold(units))
                }
            }.get()
            try await bench.wait(forBestSellers: (0..<count).reversed())
        }
    }

    @Test("no record goes whose sale is collected and not yet told")
    func retention() async throws {
        var limits = ShardLimits()
        limits.saveLagRecords = 8
        limits.saveLagTicks = 2
        limits.tickInterval = .milliseconds(10)
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: limits, searching: false) { fixture in
            let bench = try SearchBench(fixture)
            let journal = bench.catalogue.journal
            try await bench.create(2)
            let following = try await bench.followFromHere(salesPause: .seconds(3_600))
            try await bench.sell(0, 3)
            try await bench.wait(forBestSellers: [0, 1])
            try await bench.sell(1, 5)
            let owed = journal.committed
            while journal.checkpoint <= LogIndex(owed.rawValue + 40) { try await bench.receive(0) }
            #expect(journal.first <= owed)
            following.cancel()
            try await following.value

            let next = bench.follow(salesPause: .zero)
            defer { next.cancel() }
            try await bench.wait(forBestSellers: [1, 0])
            while journal.first <= owed { try await bench.receive(0) }
        }
    }

    @Test("an index that was told of sales with the products is not read anew")
    func earlierIndex() async throws {
        try await ShopFixture.run(searching: false) { fixture in
            let bench = try SearchBench(fixture)
            try await bench.create(2)
            for shard in fixture.shop.shards.shards {
                let log = SearchFollower.stockLog(shard)
                try await bench.index.apply([], through: shard.journal.committed, of: log)
            }
            let written = bench.catalogue.journal.committed
            try await bench.index.apply([], through: written, of: SearchFollower.productLog)
            let following = try await bench.followFromHere(salesPause: .zero)
            defer { following.cancel() }
            try await bench.sell(0, 3)
            while try await bench.index.positions()[SearchFollower.salesLog] <= written { try await bench.rest() }
            #expect(try await bench.bestSellers().isEmpty)
        }
    }
}

/// Numbered products of a shop, and a search index of its own that follows them.
private struct SearchBench: Sendable {
    let shards: ShardMap
    let index: CatalogueIndex
    private let floors = RetentionFloors()

    init(_ fixture: ShopFixture) throws {
        shards = fixture.shop.shards
        index = try CatalogueIndex(at: .memory, limits: .init(time: .seconds(600)))
    }

    var catalogue: Shard { shards.catalogue }

    func product(_ number: Int) -> ProductID {
        ProductID(at: Timestamp(milliseconds: 1), random: UInt64(number) << 2)
    }

    func sku(_ number: Int) -> SKU { SKU("S-\(number)")! }

    func units(_ units: Int, of number: Int) -> [SKUUnits] { [SKUUnits(sku: sku(number), units: Units(Int64(units))!)] }

    func price(_ amount: Int64) -> Money { Money(amount: amount, currency: Currency("GBP")!) }

    /// The first products, one SKU each.
    func create(_ count: Int) async throws {
        _ = try await shards.execute(on: .catalogue, at: ShopFixture.now()) { batch throws(Product.Refusal) in
            for number in 0..<count {
                let details = Product.Details(
                    title: "Lamp", category: "Home", variants: [Variant(sku: sku(number), price: price(1))])
                try batch.decide(Product.self, product(number), .create(details))
            }
        }.get()
    }

    func sell(_ number: Int, _ units: Int) async throws {
        try await count(.recordUnitsSold(self.units(units, of: number)), of: number)
    }

    func count(_ command: Product.Command, of number: Int) async throws {
        _ = try await shards.execute(on: .catalogue, at: ShopFixture.now()) { batch throws(Product.Refusal) in
            try batch.decide(Product.self, product(number), command)
        }.get()
    }

    func follow(salesPause: Duration) -> Task<Void, any Error> {
        let follower = SearchFollower(
            shards: shards, index: index, floors: floors, salesPause: salesPause, logger: Logger(label: "test"))
        return Task { try await follower.run() }
    }

    /// As `follow`, and returns once the index has all that is committed now: what is sold later is followed.
    func followFromHere(salesPause: Duration) async throws -> Task<Void, any Error> {
        let following = follow(salesPause: salesPause)
        try await waitForProducts()
        return following
    }

    func receive(_ number: Int) async throws {
        _ = try await shards.execute(on: sku(number).slot, at: ShopFixture.now()) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, sku(number), .receive(1, reference: nil))
        }.get()
    }

    /// The numbers of all products, in the order of the index.
    func bestSellers() async throws -> [Int] {
        var query = CatalogueQuery(sort: .bestSelling, limit: CatalogueQuery.limitMax)
        var found: [Int] = []
        repeat {
            let page = try await index.search(query)
            found += page.productIDs.compactMap { ProductID($0) }.map { Int($0.low & 0xffff) }
            query.cursor = page.nextCursor
        } while query.cursor != nil
        return found
    }

    func wait(forBestSellers numbers: [Int]) async throws {
        while try await bestSellers() != numbers { try await rest() }
    }

    /// Returns once the index has been told of all products that are committed now.
    func waitForProducts() async throws {
        let committed = catalogue.journal.committed
        while try await index.positions()[SearchFollower.productLog] < committed { try await rest() }
    }

    func rest() async throws { try await Task.sleep(for: .milliseconds(20)) }
}
