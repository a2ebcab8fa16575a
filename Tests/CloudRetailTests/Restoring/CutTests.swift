import Audit
import Commerce
import EventSourcing
import Foundation
import Storage
import Testing

@testable import Simulation
@testable import Snapshots
@testable import cloudretail

/// Snapshots of one replica, which knows each shard up to another moment.
///
/// `CUT_SEEDS` asks for more than six.
@Suite("A snapshot whose shards end at different moments", .timeLimit(.minutes(60))) struct CutTests {
    private static let wanted = ProcessInfo.processInfo.environment["CUT_SEEDS"].flatMap(UInt64.init) ?? 6
    private static let seeds = Array(1...wanted)
    /// In 50 an order is paid for which its own shard had too few units when it was placed.
    private static let settledSeeds = seeds + (wanted < 50 ? [50] : [])

    @Test("is sound, and so is what a restore makes of it", arguments: seeds)
    func restored(seed: UInt64) throws {
        let shop = SimulatedShop(seed: seed)
        var random = Generator(seed: seed)
        for round in 0..<30 {
            let cut = shop.randomCut(&random)
            let snapshot = try shop.snapshot(at: cut)
            let verification = try Verification(snapshot)
            #expect(verification.isSound, "seed \(seed), cut \(cut): \(verification.problems)")
            guard verification.isSound else { continue }
            let shards = [3, 1, 12][round % 3]
            let plan = try RestorePlan(snapshot, verification.audit, shards: shards, endsSessions: false)
            #expect(plan.result.findings.isEmpty, "seed \(seed), cut \(cut): \(plan.result.findings.first)")
        }
    }

    @Test("of logs whose beginnings are gone is sound too; it is restored, or refused before a byte", arguments: seeds)
    func truncated(seed: UInt64) throws {
        let shop = SimulatedShop(seed: seed)
        var random = Generator(seed: seed + 2_000)
        var restored = 0
        for round in 0..<30 {
            let cut = shop.randomCut(&random)
            let whole = try Verification(try shop.snapshot(at: cut))
            let saved = try shop.savedSafely(at: cut, whole.audit, &random)
            let snapshot = try shop.snapshot(at: cut, saved: saved, isTruncated: true)
            let verification = try Verification(snapshot)
            let place = Comment(rawValue: "seed \(seed), cut \(cut) behind \(saved)")
            #expect(verification.isSound, "\(place): \(verification.problems)")
            do {
                let plan = try RestorePlan(
                    snapshot, verification.audit, shards: [3, 1, 12][round % 3], endsSessions: false)
                #expect(plan.result.findings.isEmpty, "\(place): \(plan.result.findings.first)")
                restored += 1
            } catch is EffectsAhead.Refusal {}
        }
        #expect(restored > 5)
    }

    @Test("finishes its orders once it is restored, and no unit is lost or made", arguments: settledSeeds)
    func finished(seed: UInt64) async throws {
        let shop = SimulatedShop(seed: seed)
        var random = Generator(seed: seed + 1_000)
        for shards in [3, 3, 1, 12, 3, 3, 1, 12] {
            try await finish(shop, at: shop.randomCut(&random), shards: shards, "seed \(seed)")
        }
    }

    private func finish(_ shop: SimulatedShop, at cut: [Int], shards: Int, _ seed: String) async throws {
        let snapshot = try shop.snapshot(at: cut)
        let verification = try Verification(snapshot)
        let plan = try RestorePlan(snapshot, verification.audit, shards: shards, endsSessions: false)
        try plan.requireSound()
        let path = shop.path("restored")
        let directory = try NewDirectory(path: path, founding: .alone, bases: plan.bounds.map(\.base))
        if plan.isFilledFromSnapshot { try snapshot.fill(directory.put) }
        try plan.complete(directory)
        directory.close()

        let taken = shop.taken(at: cut)
        let received = shop.received(at: cut)
        let place = Comment(rawValue: "\(seed), cut \(cut), \(shards) shards, repairs \(plan.repairs.lines)")
        var (ends, verified) = ([OrderID: OrderStatus](), try Self.verify(path))
        repeat {
            ends = try await RestoredNode.finish(
                path, at: plan.repairs.now, charges: shop.charges, orders: taken.keys.sorted(),
                skus: received.keys.sorted())
            verified = try Self.verify(path)
        } while verified.isSound && !verified.audit.unsettledOrders.isEmpty
        #expect(verified.isSound, "\(verified.problems), \(place)")

        var expected = received
        for (id, taken) in taken {
            guard let taken else {
                guard ends[id] == .fulfilled else { continue }
                for line in verified.audit.order(id)?.state.holds ?? [] {
                    expected[line.sku, default: 0] -= line.units.rawValue
                }
                continue
            }
            for (sku, units) in taken { expected[sku, default: 0] -= units }
        }
        // Where the snapshot cannot have it otherwise the restore says so.
        if plan.repairs.lines.contains(where: { $0.contains("count it") }) { return }
        for (sku, units) in expected {
            #expect(verified.audit.stock(sku)?.state.onHand.rawValue ?? 0 == units, "\(sku), \(place)")
        }
    }

    private static func verify(_ path: String) throws -> Verification {
        let offline = try OfflineDirectory(path: path)
        defer { offline.close() }
        return try Verification(offline)
    }
}
