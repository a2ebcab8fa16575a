import Foundation
import Testing

extension SystemTests {
    @Suite("Killed at random moments", .timeLimit(.minutes(10 + KillHunt.killsWanted))) struct KillHuntTests {
        private static let seed = KillHunt.setting("KILL_HUNT_SEED") ?? Int.random(in: 0..<1_000_000)
        private static let shards = KillHunt.setting("KILL_HUNT_SHARDS").map { [$0] } ?? [1, 4]

        @Test("a node loses no order it acknowledged and charges none twice", arguments: shards)
        func hunt(shards: Int) async throws {
            print("kill hunt: \(KillHunt.killsWanted) kills, \(shards) shards, seed \(Self.seed)")
            var hunt = KillHunt(kills: KillHunt.killsWanted, shards: shards, seed: UInt64(Self.seed))
            try await hunt.run()
        }
    }
}
