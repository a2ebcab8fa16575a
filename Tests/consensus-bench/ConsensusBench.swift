import Consensus
import Foundation

/// How many entries a second three replicas in one thread propose, replicate, write to memory, commit and apply, all
/// three of them. No disk and no network: what is measured is the core.
@main
enum ConsensusBench {
    private static let recordsPerBatch = 64
    private static let bytesPerRecord = 128
    /// Rounds between two looks at the clock.
    private static let roundsPerLook = 100

    static func main() throws {
        let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 5
        var cluster = try Cluster()
        for batchesUnderWay in [1, 4] {
            let (entries, wall, cpu) = try cluster.measure(for: seconds, batchesUnderWay: batchesUnderWay)
            print(
                "\(batchesUnderWay) x \(recordsPerBatch) entries of \(bytesPerRecord) bytes under way:",
                "\(Int(Double(entries) / wall)) entries/s, \(Int(Double(entries) / cpu)) per second of CPU")
        }
    }

    private struct Cluster {
        private let nodes: [BenchNode]
        private var network: [Message] = []

        init() throws {
            nodes = try (1...3).map { try BenchNode($0) }
            nodes[0].replica.campaign()
            try pump()
            precondition(nodes[0].replica.status.role == .leader, "nobody disturbs the election")
        }

        /// Delivers everything, and what that gives rise to.
        private mutating func pump() throws {
            repeat {
                for node in nodes { try node.work { network += $0 } }
                let batch = network
                network = []
                for message in batch { try nodes[Int(message.to.rawValue) - 1].replica.step(message) }
            } while !network.isEmpty || nodes.contains { $0.replica.hasReady }
        }

        mutating func measure(
            for seconds: Double, batchesUnderWay: Int
        ) throws -> (entries: UInt64, wall: Double, cpu: Double) {
            let (before, wallBefore, cpuBefore) = (applied, now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID))
            repeat {
                for _ in 0..<roundsPerLook {
                    for _ in 0..<batchesUnderWay { _ = try nodes[0].replica.propose(batch()) }
                    try pump()
                }
                for node in nodes { try node.compact() }
            } while now(CLOCK_MONOTONIC) - wallBefore < seconds
            return (applied - before, now(CLOCK_MONOTONIC) - wallBefore, now(CLOCK_PROCESS_CPUTIME_ID) - cpuBefore)
        }

        /// What everybody has applied.
        private var applied: UInt64 { nodes.map(\.applied.rawValue).min() ?? 0 }

        /// Each record has bytes of its own, as records from callers have.
        private func batch() -> [[UInt8]] {
            (0..<recordsPerBatch).map { [UInt8](repeating: UInt8($0), count: bytesPerRecord) }
        }
    }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
