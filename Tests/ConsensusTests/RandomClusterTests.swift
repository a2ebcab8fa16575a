import Foundation
import Testing

/// Random executions of whole groups. `SEEDS` sets how many.
@Suite("Random executions")
struct RandomClusterTests {
    private static let count = ProcessInfo.processInfo.environment["SEEDS"].flatMap { UInt64($0) } ?? 200

    @Test("Keep their promises through every fault, and make progress once faults end")
    func promises() {
        var counts = ClusterChecks.Counts()
        for seed in 0..<Self.count {
            do {
                var cluster = try RandomCluster(seed: seed)
                try cluster.run(steps: 4_000)
                try cluster.settle(patience: 100)
                counts += cluster.checks.counts
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        // An idle run proves nothing.
        let seeds = Int(Self.count)
        #expect(counts.entries > 50 * seeds && counts.leaders > 2 * seeds, "\(counts)")
        #expect(counts.membershipChanges > seeds / 2 && counts.snapshots > seeds && counts.reads > seeds, "\(counts)")
        print("\(seeds) executions: \(counts)")
    }
}
