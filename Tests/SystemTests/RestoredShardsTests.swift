import Foundation
import Testing

extension SystemTests {
    @Suite("A restored cluster", .timeLimit(patience)) struct RestoredShardsTests {
        private static let invoices = 20
        private static let counted = [
            "orders", "skus", "units_on_hand", "units_reserved", "charges", "value_minor",
        ]

        @Test("of another number of shards has all counts, refuses the old tokens, and sells on")
        func divided() async throws {
            try await LocalCluster.with(shards: 3) { cluster in
                let snapshot = cluster.folder.appending(path: "shop.snapshot").path
                try await replay(in: cluster, at: cluster.nodes.map(\.url))
                try await ClusterTests.atRest(cluster)
                let verified = try await cluster.verify(1)
                try await run(
                    ["snapshot", "create", "--data-dir", cluster.node(1).dataDirectory, "--output", snapshot],
                    in: cluster)
                var bases: [String] = []
                for (nodes, shards) in [(1, 1), (3, 12), (5, 3)] {
                    let base = cluster.folder.appending(path: "restored-\(nodes)").path
                    let restore = [
                        "restore", "--from", snapshot, "--base-dir", base, "--nodes", "\(nodes)", "--shards",
                        "\(shards)", "--payment", "in-process",
                    ]
                    let said = try await run(restore + ["--dry-run"], in: cluster)
                    #expect(said.contains("its access tokens are refused"))
                    #expect(!FileManager.default.fileExists(atPath: base))
                    try await run(restore, in: cluster)
                    for node in 1...nodes {
                        let restored = try JSON(
                            try await run(["verify", "--data-dir", "\(base)/node-\(node)/data", "--json"], in: cluster))
                        for name in Self.counted { #expect(restored[name] == verified[name], "\(name): \(restored)") }
                    }
                    bases.append(base)
                }
                let one = try await sellOn(bases[0], in: cluster)
                let three = try await sellOn(bases[1], in: cluster)
                for name in Self.counted { #expect(one[name] == three[name], "\(name): \(one), \(three)") }
            }
        }

        /// Starts the restored cluster, which refuses the old token, and sells once more.
        ///
        /// - Returns: what `verify` says of its first node then.
        private func sellOn(_ base: String, in old: LocalCluster) async throws -> JSON {
            let said = try await run(
                ["cluster", "up", "--base-dir", base, "--rate-limits", "off", "--detach", "--json"], in: old)
            do {
                let url = try #require(try JSON(said)["nodes"].elements.first?["http"].string)
                let refused = try await old.order(key: "old-token", at: url, token: await old.token)
                #expect(refused.status == 401, "\(refused)")
                let answer = try await Answer.of(
                    .POST, "\(url)/api/v1/auth/login",
                    body: #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#)
                let token = try #require(try answer.json["access_token"].string)
                let placed = try await old.order(key: "restored", at: url, token: token)
                #expect(placed.status == 201, "\(placed)")
                for sku in LocalShop.demoSKUs { try await Self.settle(sku, at: url, token) }
            } catch {
                try await run(["cluster", "down", "--base-dir", base], in: old)
                throw error
            }
            try await run(["cluster", "down", "--base-dir", base], in: old)
            return try JSON(try await run(["verify", "--data-dir", "\(base)/node-1/data", "--json"], in: old))
        }

        /// Waits until no unit is held: what is on other shards than the order follows a moment later.
        private static func settle(_ sku: String, at url: String, _ token: String) async throws {
            while true {
                let stock = try await Answer.of(.GET, "\(url)/api/v1/inventory/\(sku)", token: token).json
                if stock["reserved"] == .integer(0) { return }
                try await Task.sleep(for: ChildProcess.pollPause)
            }
        }

        private func replay(in cluster: LocalCluster, at urls: [String]) async throws {
            try await run(
                ["replay", try History.path(in: cluster.folder)] + urls.flatMap { ["--url", $0] } + [
                    "--token-file", cluster.tokenFile, "--limit", "\(Self.invoices)", "--settle", "300", "--json",
                ], in: cluster)
        }

        @discardableResult
        private func run(_ arguments: [String], in cluster: LocalCluster) async throws -> String {
            try await ChildProcess.run("cloudretail", arguments, in: cluster.folder)
        }
    }
}
