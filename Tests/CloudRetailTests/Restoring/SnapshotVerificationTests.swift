import ActorSystem
import Commerce
import Consensus
import Testing

@testable import Snapshots
@testable import cloudretail

@Suite("A snapshot whose bytes are whole and whose shop is not", .timeLimit(.minutes(10)))
struct SnapshotVerificationTests {
    @Test("is refused with the record that does not hold") func refused() throws {
        let sku = SKU("MUG")!
        let order = OrderID(at: OfflineShop.noon, slot: sku.slot, random: 1 << 20)
        let events: [Stock.Event] = [.received(5, reference: nil), .fulfilled(.order(order), 2)]
        let log = SimulatedShop.log(of: events.enumerated().map { number, event in
            [.init(of: Stock.self, sku, versionBefore: UInt64(number), events: [event])]
        })
        let snapshot = try SimulatedShop(logs: [log]).snapshot(at: [log.count])
        let verification = try Verification(snapshot)
        #expect(verification.problems.contains { $0.contains("\(order) took 2, which it did not hold") })
        #expect(throws: Verification.Unsound.self) { try verification.requireSound("FILE") }
    }

    @Test("finds saved states that are ahead of the log, on whatever thread they are compared")
    func savedStates() throws {
        let shop = SimulatedShop(seed: 5)
        let all = shop.logs.map(\.count)
        let snapshot = try shop.snapshot(at: all.map { $0 / 2 }, saved: all)
        let problems = try Verification(snapshot).problems
        for words in ["saved, but not in the log", "saved at version"] {
            #expect(problems.contains { $0.contains(words) }, "\(problems)")
        }
    }
}
