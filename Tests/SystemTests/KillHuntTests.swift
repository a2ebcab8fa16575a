import Foundation
import Testing

extension SystemTests {
    @Suite("Killed at random moments") struct KillHuntTests {
        private static func setting(_ name: String) -> Int? {
            ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
        }

        /// Few, so that the tests stay short; `tools/kill-hunt` sets hundreds.
        private static let kills = setting("KILL_HUNT_KILLS") ?? 4
        private static let seed = setting("KILL_HUNT_SEED") ?? Int.random(in: 0..<1_000_000)
        private static let shards = setting("KILL_HUNT_SHARDS").map { [$0] } ?? [1, 4]

        @Test("a node loses no order it acknowledged and charges none twice", arguments: shards)
        func hunt(shards: Int) async throws {
            print("kill hunt: \(Self.kills) kills, \(shards) shards, seed \(Self.seed)")
            var hunt = KillHunt(kills: Self.kills, shards: shards, seed: UInt64(Self.seed))
            try await hunt.run()
        }
    }
}
