import ActorSystem
import Commerce
import EventSourcing
import Schema
import Storage
import Testing

@testable import cloudretail

@Suite("Verifying a log whose beginning has gone", .timeLimit(.minutes(10))) struct TruncatedVerificationTests {
    private static let charge = ChargeID("ch_1")!

    /// Orders of before and after the cut; of the cups 9 are left and 1 is held, of the pots 6 are left.
    private func shop() async throws -> OfflineShop {
        let shop = OfflineShop()
        try await shop.open { shard, journal in
            try await shard.decide(Stock.self, shop.cup, .receive(10, reference: nil))
            try await place(1, in: shop, on: shard)
            try await shard.decide(Order.self, shop.order(1), .confirmPayment(Self.charge), .fulfill)
            try await shard.decide(Stock.self, shop.cup, .fulfill(.order(shop.order(1))))
            try await place(2, in: shop, on: shard)
            await shard.saveAll()
            journal.release(through: journal.committed)
            // Deletions ride on the commits of what comes.
            for _ in 0..<3 { try await shard.decide(Stock.self, shop.pot, .receive(2, reference: nil)) }
        }
        return shop
    }

    private func place(_ number: UInt64, in shop: OfflineShop, on shard: Shard) async throws {
        let customer = CustomerID(at: .zero, slot: Slot(7), random: 1)
        let placement = Placement(
            customer: customer, lines: [OrderLine(sku: shop.cup, quantity: 1, unitPrice: 500)], currency: .gbp,
            placedBy: customer, deadline: OfflineShop.noon + .seconds(60))
        try await shard.decide(Order.self, shop.order(number), .place(placement))
        try await shard.decide(Stock.self, shop.cup, .reserve(.order(shop.order(number)), 1, until: nil))
    }

    @Test("begins at the states kept and proves what comes after them")
    func sound() async throws {
        let shop = try await shop()
        let (verification, first) = try shop.verify()
        #expect(first > LogIndex(1))
        #expect(verification.isSound, "\(verification.problems)")
        #expect(verification.audit.orderCount == 2 && verification.audit.skuCount == 2)
        #expect(verification.audit.charges == 1)
        #expect(verification.audit.unitsOnHand == 15 && verification.audit.unitsReserved == 1)
        #expect(verification.audit.records < 5)
    }

    @Test("finds more units held than there are, by the state that was kept")
    func oversold() async throws {
        let shop = try await shop()
        try await shop.tamper { journal in
            try await journal.plant(
                Stock.self, shop.cup, after: 4, .reserved(.order(shop.order(3)), 9, until: nil))
        }
        try expect("on hand 9, reserved 10", in: shop)
    }

    @Test("finds a hold given up that the state kept does not have")
    func released() async throws {
        let shop = try await shop()
        try await shop.tamper { journal in
            try await journal.plant(Stock.self, shop.cup, after: 4, .fulfilled(.order(shop.order(1)), 1))
        }
        try expect("which it did not hold", in: shop)
    }

    @Test("finds a step that the order's state kept does not allow")
    func illegal() async throws {
        let shop = try await shop()
        try await shop.tamper { journal in
            try await journal.plant(Order.self, shop.order(1), after: 3, .paid(ChargeID("ch_2")!, at: OfflineShop.noon))
        }
        try expect("\(shop.order(1))", in: shop)
    }

    @Test("finds a charge that paid an order of before the cut already")
    func chargedTwice() async throws {
        let shop = try await shop()
        try await shop.tamper { journal in
            try await journal.plant(Order.self, shop.order(2), after: 1, .paid(Self.charge, at: OfflineShop.noon))
        }
        try expect("which paid \(shop.order(1))", in: shop)
    }

    @Test("finds an event missing between the state kept and the log")
    func missing() async throws {
        let shop = try await shop()
        try await shop.tamper { journal in
            try await journal.plant(Stock.self, shop.cup, after: 5, .received(1, reference: nil))
        }
        try expect("CUP jumps from version 4 to 6", in: shop)
    }

    private func expect(_ problem: String, in shop: OfflineShop) throws {
        let (verification, first) = try shop.verify()
        #expect(first > LogIndex(1))
        #expect(
            !verification.isSound && verification.problems.contains { $0.contains(problem) }, "\(verification.problems)"
        )
        #expect(verification.problems.allSatisfy { $0.contains("shard 0, record ") }, "\(verification.problems)")
    }
}
