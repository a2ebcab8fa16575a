import Commerce
import EventSourcing
import Foundation
import Schema
import Testing

@testable import cloudretail

@Suite("Comparing what nodes have on their disks", .timeLimit(.minutes(1))) struct NodeComparisonTests {
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
        let difference = try #require(try compare(one, other).difference)
        #expect(difference.kind == "stock" && difference.id == "CUP")
        #expect(difference.one == 1 && difference.ofOne == "version 2, on hand 15, reserved 0")
        #expect(difference.other == 2 && difference.ofOther == "version 2, on hand 16, reserved 0")
    }

    @Test("names the aggregate that one of them lacks")
    func missing() async throws {
        let (one, other) = try await nodes()
        let (saucer, bowl) = (SKU("SAUCER")!, SKU("BOWL")!)
        try await one.tamper { try await $0.plant(Stock.self, saucer, after: 0, .received(1, reference: nil)) }
        try await other.tamper { try await $0.plant(Stock.self, bowl, after: 0, .received(1, reference: nil)) }
        let difference = try #require(try compare(one, other).difference)
        #expect(difference.id == "BOWL" && difference.ofOne == "nothing")
    }

    @Test("says so when no log goes on from where a node is")
    func gap() async throws {
        let (one, other) = try await nodes()
        try await one.open { shard, journal in
            for _ in 0..<3 { try await shard.decide(Stock.self, one.cup, .receive(1, reference: nil)) }
            await shard.saveAll()
            journal.release(through: journal.committed)
            // Deletions ride on the commits of what comes.
            for _ in 0..<3 { try await shard.decide(Stock.self, one.pot, .receive(2, reference: nil)) }
        }
        #expect(throws: NodeComparison.Failure.self) { _ = try compare(one, other) }
    }
}
