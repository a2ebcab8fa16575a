import Foundation
import Storage
import Testing

@testable import Simulation
@testable import Snapshots
@testable import cloudretail

/// A new cluster that is filled from a snapshot while the snapshot is proved.
@Suite("A restoration", .timeLimit(.minutes(10))) struct RestorationTests {
    private static let nodes = 2

    @Test("has on every node what the proof said, whether the logs go on or not")
    func whole() async throws {
        let shop = SimulatedShop(seed: 3)
        var random = Generator(seed: 3)
        var goesOn: Set<Bool> = []
        for cut in [shop.logs.map(\.count)] + (0..<4).map({ _ in shop.randomCut(&random) }) {
            let snapshot = try shop.snapshot(at: cut)
            let base = shop.path("restored")
            let plan = try await Self.restore(snapshot, at: base) { try Self.prove(snapshot) }
            goesOn.insert(plan.isFilledFromSnapshot)
            for node in 1...UInt64(Self.nodes) {
                let directory = try OfflineDirectory(path: ClusterFolder(base).data(node))
                defer { directory.close() }
                let verification = try Verification(directory)
                #expect(verification.isSound, "\(verification.problems)")
                #expect(verification.audit.firstDifference(from: plan.result) == nil)
            }
            #expect(!FileManager.default.fileExists(atPath: base + ".restoring"))
        }
        #expect(goesOn.count == 2)
    }

    private struct Unsound: Error {}

    @Test("leaves nothing when the proof fails, however far it has come")
    func refused() async throws {
        let shop = SimulatedShop(seed: 4)
        let snapshot = try shop.snapshot(at: shop.logs.map(\.count))
        let base = shop.path("restored")
        let filled = ClusterFolder(base + ".restoring").data(UInt64(Self.nodes)) + "/data.mdb"
        await #expect(throws: Unsound.self) {
            try await Self.restore(snapshot, at: base) {
                #expect(FileManager.default.fileExists(atPath: filled))
                throw Unsound()
            }
        }
        for path in [base, base + ".restoring"] { #expect(!FileManager.default.fileExists(atPath: path)) }
    }

    @Test("begins without what a killed one has left, and touches nothing of one that is at work")
    func left() async throws {
        let shop = SimulatedShop(seed: 5)
        let snapshot = try shop.snapshot(at: shop.logs.map(\.count))
        let base = shop.path("restored")
        let left = base + ".restoring/node-7/data"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try await Self.restore(snapshot, at: base) {
            #expect(!FileManager.default.fileExists(atPath: left))
            let mine = ClusterFolder(base + ".restoring").data(1) + "/data.mdb"
            #expect(throws: Restoration.Refusal.self) { try RestoreWorkshop(beside: base) }
            #expect(FileManager.default.fileExists(atPath: mine))
            return try Self.prove(snapshot)
        }
        let directory = try OfflineDirectory(path: ClusterFolder(base).data(1))
        defer { directory.close() }
        #expect(try Verification(directory).isSound)
        // The place of the one before is no place to work at.
        let next = try RestoreWorkshop(beside: base)
        defer { next.close() }
        #expect(throws: Restoration.Refusal.self) { try next.place() }
    }

    @discardableResult
    private static func restore(
        _ snapshot: SnapshotFile, at base: String, _ prove: () throws -> RestorePlan
    ) async throws -> RestorePlan {
        let record = try ClusterRecord(
            nodes: nodes, shards: snapshot.header.shards.count, httpBase: nil, payment: .inProcess,
            administrator: "admin@example.com", rateLimits: .on)
        let workshop = try RestoreWorkshop(beside: base)
        defer { workshop.close() }
        return try await Restoration(of: snapshot, as: record, in: workshop).perform(prove)
    }

    private static func prove(_ snapshot: SnapshotFile) throws -> RestorePlan {
        let plan = try RestorePlan(snapshot, try Verification(snapshot).audit, shards: nil, endsSessions: false)
        try plan.requireSound()
        return plan
    }
}
