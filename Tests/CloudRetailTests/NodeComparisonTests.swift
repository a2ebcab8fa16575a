import Commerce
import EventSourcing
import Foundation
import Schema
import Testing

@testable import cloudretail

@Suite("Comparing what nodes have on their disks", .timeLimit(.minutes(10))) struct NodeComparisonTests {
    /// A node with some stock, and another one that has got as far.
    private func nodes() async throws -> (one: OfflineShop, other: OfflineShop) {
        let (one, other) = (OfflineShop(), OfflineShop())
        try await one.open { shard, _ in
            try await shard.decide(Stock.self, one.cup, .receive(10, reference: nil))
            try await shard.decide(Stock.self, one.pot, .receive(2, reference: nil))
        }
        try FileManager.default.copyItem(atPath: one.path, toPath: other.path)
        return (one, other)
    }

    private func compare(_ shops: OfflineShop...) throws -> NodeComparison {
        let views = try shops.enumerated().map { try NodeView(UInt64($0 + 1), path: $1.path, isRunning: false) }
        defer { for view in views { view.close() } }
        return try NodeComparison(views)
    }

    @Test("finds them equal at the same record")
    func equal() async throws {
        let (one, other) = try await nodes()
        let comparison = try compare(one, other)
        #expect(comparison.difference == nil, "\(comparison.text)")
        #expect(try #require(comparison.index[0]) >= 2)
    }

    @Test("brings the one that is behind to where the other is", arguments: [false, true])
    func behind(isFirst: Bool) async throws {
        let (one, other) = try await nodes()
        try await one.open { shard, _ in
            let hold = HoldID(at: OfflineShop.noon, slot: Slot(7), random: 1 << 20)
            let later = OfflineShop.noon + .seconds(9)
            try await shard.decide(Stock.self, one.cup, .reserve(.manual(hold), 3, until: later))
            try await shard.decide(Stock.self, one.cup, .receive(1, reference: nil))
        }
        let comparison = try isFirst ? compare(other, one) : compare(one, other)
        #expect(comparison.difference == nil, "\(comparison.text)")
    }

    @Test("names the aggregate that a record made into two things")
    func different() async throws {
        let (one, other) = try await nodes()
        try await one.tamper { try await $0.plant(Stock.self, one.cup, after: 1, .received(5, reference: nil)) }
        try await other.tamper { try await $0.plant(Stock.self, one.cup, after: 1, .received(6, reference: nil)) }
        for shop in [one, other] { try await loseBeginning(of: shop) }
        let difference = try #require(try compare(one, other).difference)
        #expect(difference.kind == "stock" && difference.id == "CUP")
        #expect(
            difference.nodes == [1: "version 2, on hand 15, reserved 0", 2: "version 2, on hand 16, reserved 0"])
    }

    @Test("names the record at which two nodes have become two histories", arguments: [1, 3])
    func histories(records: Int) async throws {
        let (one, other) = try await nodes()
        // Of a later term, and less or more of it.
        try await one.tamper { _ in }
        for number in 1...records {
            try await one.tamper {
                let hold = HoldID(at: OfflineShop.noon, slot: Slot(7), random: UInt64(number) << 20)
                try await $0.plant(
                    Stock.self, one.cup, after: UInt64(number), .reserved(.manual(hold), 2, until: OfflineShop.noon))
            }
        }
        for number in 1...2 {
            let order = one.order(UInt64(number))
            try await other.tamper {
                try await $0.plant(Stock.self, one.cup, after: UInt64(number), .fulfilled(.order(order), 30))
            }
        }
        let comparison = try compare(one, other)
        let difference = try #require(comparison.difference)
        #expect(difference.kind == "record" && difference.id.hasPrefix("shard 0, record "))
        #expect(Set(difference.nodes.keys) == [1, 2])
        #expect(comparison.text.hasPrefix("The nodes differ at shard 0, record "))
    }

    @Test("names the node whose records make no sense by themselves")
    func unsound() async throws {
        let (one, other) = try await nodes()
        for shop in [one, other] {
            try await shop.tamper {
                try await $0.plant(Stock.self, one.cup, after: 1, .fulfilled(.order(one.order(1)), 1))
            }
        }
        let comparison = try compare(one, other)
        let difference = try #require(comparison.difference)
        #expect(difference.kind == "log" && difference.nodes.count == 1, "\(difference)")
        #expect(comparison.text.hasPrefix("The log makes no sense.\n  node 1: "))
    }

    /// Leaves of the log only what comes from now on; the states tell the rest.
    private func loseBeginning(of shop: OfflineShop) async throws {
        try await shop.open { shard, journal in
            await shard.saveAll()
            journal.release(through: journal.committed)
            // Deletions ride on the commits of what comes.
            for _ in 0..<3 { try await shard.decide(Stock.self, shop.pot, .receive(2, reference: nil)) }
        }
    }

    @Test("names the aggregate that one of them lacks")
    func missing() async throws {
        let (one, other) = try await nodes()
        let (saucer, bowl) = (SKU("SAUCER")!, SKU("BOWL")!)
        try await one.tamper { try await $0.plant(Stock.self, saucer, after: 0, .received(1, reference: nil)) }
        try await other.tamper { try await $0.plant(Stock.self, bowl, after: 0, .received(1, reference: nil)) }
        for shop in [one, other] { try await loseBeginning(of: shop) }
        let difference = try #require(try compare(one, other).difference)
        #expect(difference.id == "BOWL" && difference.nodes[1] == "nothing")
    }

    @Test("says so when no log goes on from where a node is")
    func gap() async throws {
        let (one, other) = try await nodes()
        try await one.open { shard, _ in
            for _ in 0..<3 { try await shard.decide(Stock.self, one.cup, .receive(1, reference: nil)) }
        }
        try await loseBeginning(of: one)
        #expect(throws: NodeComparison.Failure.self) { _ = try compare(one, other) }
    }
}
