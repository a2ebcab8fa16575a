import Checkout
import Commerce
import EventSourcing
import Schema
import Storage
import Testing

@testable import ActorSystem
@testable import cloudretail

@Suite("What stands beside the saved states")
struct RowsBesideStatesTests {
    /// A shop with stock that was received and reserved, and a placed order, all of it saved.
    private func shop() async throws -> OfflineShop {
        let shop = OfflineShop()
        try await shop.open { shard, _ in
            try await shard.decide(Stock.self, shop.cup, .receive(9, reference: nil), .receive(3, reference: nil))
            try await shard.decide(
                Stock.self, shop.pot, .receive(5, reference: nil),
                .reserve(
                    .manual(HoldID(at: OfflineShop.noon, slot: shop.pot.slot, random: 1 << 20)), 2,
                    until: OfflineShop.noon + .seconds(60)))
        }
        return shop
    }

    private func finding(_ shop: OfflineShop, after changes: StateChanges) async throws -> [String] {
        try await shop.tamper { journal in
            let generation = journal.checkpoint(changes, through: journal.checkpoint)
            while journal.flushedGeneration < generation { try await Task.sleep(for: .milliseconds(1)) }
        }
        return try shop.verify().verification.problems
    }

    private func history(_ sku: SKU, from version: UInt64) -> [UInt8] {
        StateKeys.key { StateKeys.history(Stock.kind, sku, version: version, into: &$0) }
    }

    /// One row without an event.
    private static func chunk(version: UInt64) -> [UInt8] {
        let stamp = RecordStamp(index: LogIndex(1), time: .zero, actor: nil)
        var bytes: [UInt8] = []
        HistoryRow.encode([version], into: &bytes) { ($0, stamp) } event: { _, _ in }
        return bytes
    }

    @Test("is as the states say")
    func sound() async throws {
        #expect(try await shop().verify().verification.isSound)
    }

    @Test("has no history that ends before its state, goes on behind a gap, or cannot be read")
    func histories() async throws {
        let shop = try await shop()
        let short = StateChange(key: history(shop.cup, from: 1), value: Self.chunk(version: 1))
        let found = try await finding(shop, after: [short])
        #expect(found.contains { $0.contains("the history of CUP") && $0.contains("ends at version 1") }, "\(found)")
        let gap = StateChange(key: history(shop.cup, from: 4), value: Self.chunk(version: 4))
        let gaps = try await finding(shop, after: [gap])
        #expect(gaps.contains { $0.contains("goes on with version 4 behind 1") }, "\(gaps)")
        let bytes = StateChange(key: history(shop.cup, from: 1), value: [0, 7, 7])
        let unread = try await finding(shop, after: [bytes])
        #expect(unread.contains { $0.contains("the history of CUP") && $0.contains("cannot be read") }, "\(unread)")
    }

    @Test("has the alarms that the states have, and no others")
    func alarms() async throws {
        let shop = try await shop()
        let alarm = StateKeys.key {
            StateKeys.alarm(OfflineShop.noon + .seconds(60), Stock.kind, shop.pot, into: &$0)
        }
        let lost = try await finding(shop, after: [StateChange(key: alarm, value: nil)])
        #expect(lost.contains { $0.contains("0 alarms") && $0.contains("the saved states have 1") }, "\(lost)")
        let other = StateKeys.key { StateKeys.alarm(OfflineShop.noon, Stock.kind, shop.pot, into: &$0) }
        let moved = try await finding(shop, after: [StateChange(key: other, value: [])])
        #expect(moved.contains { $0.contains("1 alarms") && $0.contains("have others") }, "\(moved)")
    }

    @Test("has no place in a list of an aggregate that is not there")
    func lists() async throws {
        let shop = try await shop()
        let listing = StateKeys.key { StateKeys.listing(Order.kind, Listing(group: [1, 2], key: [3]), into: &$0) }
        let found = try await finding(shop, after: [StateChange(key: listing, value: [])])
        #expect(
            found.contains { $0.contains("1 places in lists") && $0.contains("the saved states have 0") }, "\(found)")
    }
}
