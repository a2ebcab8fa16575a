import EventSourcing
import Foundation
import Testing

extension SystemTests {
    /// A few positions; `ARCHIVE_POSITIONS` says how many others are tried.
    @Suite("Any moment", .timeLimit(.minutes(10 + LocalArchive.positions / 5))) struct AnyMomentTests {
        private static let invoices = KillHunt.setting("ARCHIVE_INVOICES") ?? 30
        /// So that there is more than one base.
        private static let entriesPerBase = 25

        @Test("of three nodes that take real orders, one of which dies, is restored as it was", arguments: [1, 3])
        func moments(shards: Int) async throws {
            try await LocalCluster.with(shards: shards, catalogue: LocalShop.emptyCatalogue) { cluster in
                let archive = LocalArchive(
                    folder: cluster.folder, urls: cluster.nodes.map(\.url), tokenFile: cluster.tokenFile)
                let pace = ["--base-every", "\(Self.entriesPerBase)", "--keep", "1000"]
                let last = try await archive.following(pace) {
                    // The first base is of a shop without orders, so that the replay brings the entries of the next.
                    try await archive.wait { $0.contains { $0.hasPrefix("base") } }
                    let replay = try ChildProcess(
                        "cloudretail",
                        ["replay", try History.path(in: cluster.folder)] + archive.urls.flatMap { ["--url", $0] } + [
                            "--token-file", cluster.tokenFile, "--limit", "\(Self.invoices)", "--patience", "300",
                            "--settle", "300",
                        ], in: cluster.folder)
                    try await archive.wait { $0.contains { $0.hasPrefix("log") } }
                    try await cluster.command("kill", 1)
                    try await cluster.command("restart", 1)
                    #expect(try await replay.exit() == 0)
                    try await archive.wait { $0.count { $0.hasPrefix("base") } > 1 }
                }
                #expect(try archive.files("gap").isEmpty)
                try await ClusterTests.atRest(cluster)
                let first = try await archive.first()
                for number in 0..<LocalArchive.positions {
                    let shard = Int.random(in: 0..<shards)
                    let index = UInt64.random(in: first.indexes[shard].rawValue...last.indexes[shard].rawValue)
                    let base = cluster.folder.appending(path: "moment-\(number)").path
                    let until = "\(shard):\(index)"
                    let position = try #require(try await archive.restore(to: base, until: until), "\(until)")
                    #expect(position.indexes[shard].rawValue == index, "\(until)")
                    try ArchiveTests.compare(cluster.node(2).dataDirectory, with: base, at: position)
                    try FileManager.default.removeItem(atPath: base)
                }
            }
        }
    }
}
