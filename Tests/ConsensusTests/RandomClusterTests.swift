import Foundation
import Testing

/// Random executions of whole groups: `SEEDS` of them, from `FIRST_SEED` on.
@Suite("Random executions")
struct RandomClusterTests {
    private static let count = ProcessInfo.processInfo.environment["SEEDS"].flatMap { UInt64($0) } ?? 200

    private static let first = ProcessInfo.processInfo.environment["FIRST_SEED"].flatMap { UInt64($0) } ?? 0

    @Test("Keep their promises through every fault, and make progress once faults end")
    func promises() {
        var counts = ClusterChecks.Counts()
        for seed in Self.first..<(Self.first + Self.count) {
            do {
                var cluster = try RandomCluster(seed: seed)
                try cluster.run(steps: 4_000)
                try cluster.settle(patience: 400)
                counts += cluster.checks.counts
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        // An idle run proves nothing.
        let seeds = Int(Self.count)
        #expect(counts.entries > 5 * seeds && counts.leaders > seeds, "\(counts)")
        #expect(
            counts.membershipChanges > seeds / 8 && counts.snapshots > seeds / 4 && counts.reads > seeds, "\(counts)")
        print("\(seeds) executions: \(counts)")
    }
}
