import Foundation
import Testing

enum SnapshotKills {
    /// Of each command, with every test run.
    static let wanted = KillHunt.setting("SNAPSHOT_KILLS") ?? 4
}

extension SystemTests {
    /// Snapshots and restores that end where they did not mean to. `SNAPSHOT_KILLS` asks for more of each,
    /// `SNAPSHOT_KILLS_SEED` for the same again.
    @Suite(
        "A snapshot or a restore that is killed",
        .timeLimit(.minutes(10 + SnapshotKills.wanted)))
    struct SnapshotKillTests {
        private static let seed = KillHunt.setting("SNAPSHOT_KILLS_SEED") ?? Int.random(in: 0..<1_000_000)
        private static let nodes = 3

        @Test("leaves nothing half made under its name, and the next try succeeds")
        func killed() async throws {
            print("snapshot kills: \(SnapshotKills.wanted) of each, seed \(Self.seed)")
            try await SnapshottedShop.with { shop in
                var generator = SplitMix(state: UInt64(Self.seed))
                let download = shop.download(to: shop.file)
                let whole = try await ContinuousClock().measure { try await shop.run(download) }
                for _ in 0..<SnapshotKills.wanted {
                    try? FileManager.default.removeItem(atPath: shop.file)
                    let moment = whole * Double.random(in: 0...1, using: &generator)
                    try await shop.kill(download, after: moment)
                    if shop.isThere(shop.file) { try await shop.run(["snapshot", "verify", shop.file]) }
                }
                try await shop.run(download + ["--force"])
                #expect(!shop.isThere(shop.file + ".creating"))

                let base = shop.path("restored")
                let restore = shop.restore(to: base, nodes: Self.nodes)
                let all = try await ContinuousClock().measure { try await shop.run(restore) }
                for _ in 0..<SnapshotKills.wanted {
                    try? FileManager.default.removeItem(atPath: base)
                    try await shop.kill(restore, after: all * Double.random(in: 0...1, using: &generator))
                    if shop.isThere(base) { try await shop.verify(base, nodes: Self.nodes) }
                }
                try? FileManager.default.removeItem(atPath: base)
                try await shop.run(restore)
                try await shop.verify(base, nodes: Self.nodes)
                #expect(!shop.isThere(base + ".restoring"))
            }
        }
    }
}
