import ActorSystem
import Commerce
import Consensus
import EventSourcing
import Testing

@testable import cloudretail

/// An open order that even its own shard holds nothing for: it had too few units when the order was placed. The order
/// may have been charged since, so that it must not go on without them.
@Suite("An open order for which its own shard holds nothing", .timeLimit(.minutes(10))) struct UnheldOrderTests {
    private static let sku = SKU("MUG")!
    private static let order = OrderID(at: OfflineShop.noon, slot: sku.slot, random: 1 << 20)

    @Test("gets the units that are there, and is given up otherwise", arguments: [1, 0], [2, 3])
    func settled(there: Int64, shards: Int) throws {
        let logs = Self.logs(receiving: there)
        let shop = try SimulatedShop(logs: logs)
        let snapshot = try shop.snapshot(at: logs.map(\.count))
        let verification = try Verification(snapshot)
        #expect(verification.isSound, "\(verification.problems)")
        let plan = try RestorePlan(snapshot, verification.audit, shards: shards, endsSessions: false)
        try plan.requireSound()
        let held = plan.result.stock(Self.sku)?.state.held.map(\.id) ?? []
        #expect(held == (there == 0 ? [] : [.order(Self.order)]), "\(plan.repairs.lines)")
        #expect(plan.result.order(Self.order)?.state.isAbandoned == (there == 0), "\(plan.repairs.lines)")
    }

    /// Of two shards: the order for one unit is placed, and so many are received behind it.
    private static func logs(receiving units: Int64) -> [[Entry]] {
        let customer = CustomerID(at: OfflineShop.noon, slot: sku.slot, random: 2 << 20)
        let placement = Placement(
            customer: customer, lines: [OrderLine(sku: sku, quantity: 1, unitPrice: 850)], currency: .gbp,
            placedBy: customer, deadline: OfflineShop.noon + .seconds(30))
        let digest = Digest256([UInt8](repeating: 1, count: Digest256.byteCount))!
        let claim = IdempotencyKey.Claim(
            fingerprint: digest, subject: .order(order), expiresAt: OfflineShop.noon + .seconds(3_600))
        var records: [[RecordBody.Change]] = [
            [
                .init(
                    of: IdempotencyKey.self, IdempotencyKeyID(slot: sku.slot, digest: digest), versionBefore: 0,
                    events: [.claimed(claim)]),
                .init(
                    of: Order.self, order, versionBefore: 0, events: [.placed(placement, at: OfflineShop.noon)]),
            ]
        ]
        if let units = Units(units), units > 0 {
            records.append([.init(of: Stock.self, sku, versionBefore: 0, events: [.received(units, reference: nil)])])
        }
        let home = Int(sku.slot.shard(of: 2).rawValue)
        return (0..<2).map { $0 == home ? SimulatedShop.log(of: records) : [] }
    }
}
