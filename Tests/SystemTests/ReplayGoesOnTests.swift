import Foundation
import Testing

extension SystemTests {
    /// Snapshots of a cluster that sells, each restored into another cluster, which sells the rest.
    ///
    /// `RESTORE_INVOICES` and `RESTORE_SNAPSHOTS` ask for more; 1942 invoices are the whole of the real history.
    @Suite(
        "A history that goes on in a restored cluster",
        .timeLimit(.minutes(10 + GoingOn.snapshots * GoingOn.invoices / 400)))
    struct ReplayGoesOnTests {
        /// Nodes and shards of the restored clusters, one after the other.
        private static let shapes = [(1, 1), (3, 12), (5, 3), (1, 12), (3, 1), (3, 3), (5, 12), (1, 3), (5, 1)]

        @Test("comes to the totals of the whole, to the unit and to the penny")
        func goesOn() async throws {
            try await LocalCluster.with(shards: 3, catalogue: LocalShop.emptyCatalogue) { cluster in
                let taken = try await snapshots(of: cluster)
                let whole = try await replay(in: cluster, at: cluster.nodes.map(\.url), cluster.tokenFile)
                for (place, snapshot) in taken.enumerated() {
                    let (nodes, shards) = Self.shapes[place % Self.shapes.count]
                    let base = cluster.folder.appending(path: "restored-\(place)").path
                    try await run(
                        [
                            "restore", "--from", snapshot, "--base-dir", base, "--nodes", "\(nodes)", "--shards",
                            "\(shards)",
                        ], in: cluster)
                    // The provider outlives the cluster.
                    try FileManager.default.copyItem(
                        atPath: cluster.base + "/payments.ledger", toPath: base + "/payments.ledger")
                    for node in 1...nodes {
                        try await run(["verify", "--data-dir", "\(base)/node-\(node)/data"], in: cluster)
                    }
                    let report = try await sellTheRest(base, in: cluster)
                    for name in ["orders_placed", "orders_refused", "orders_failed", "lines", "units", "value_minor"] {
                        #expect(report[name] == whole[name], "\(name) of snapshot \(place): \(report)")
                    }
                    #expect(report["reconciliation"] == whole["reconciliation"], "snapshot \(place): \(report)")
                    let verified = try JSON(
                        try await run(["verify", "--data-dir", "\(base)/node-1/data", "--json"], in: cluster))
                    #expect(verified["orders_unsettled"] == .integer(0) && verified["units_reserved"] == .integer(0))
                    #expect(verified["value_minor"] == whole["value_minor"], "\(verified)")
                    print("restored to \(nodes) nodes and \(shards) shards, and sold the rest: \(verified)")
                }
            }
        }

        /// Takes snapshots, of one node after the other, while the history is replayed.
        private func snapshots(of cluster: LocalCluster) async throws -> [String] {
            async let replayed = replay(in: cluster, at: cluster.nodes.map(\.url), cluster.tokenFile)
            var taken: [String] = []
            while taken.count < GoingOn.snapshots {
                let file = cluster.folder.appending(path: "\(taken.count).snapshot").path
                // Spread over what there is to sell.
                let due = GoingOn.invoices * (taken.count + 1) / (GoingOn.snapshots + 2)
                while try await orders(in: cluster) < due { try await Task.sleep(for: .milliseconds(20)) }
                let node = cluster.nodes[taken.count % cluster.nodes.count]
                try await run(
                    [
                        "snapshot", "create", "--url", node.url, "--token-file", cluster.tokenFile, "--output", file,
                    ], in: cluster)
                try await run(["snapshot", "verify", file], in: cluster)
                taken.append(file)
            }
            _ = try await replayed
            return taken
        }

        private func orders(in cluster: LocalCluster) async throws -> Int {
            Int(try await cluster.ledgerSummary()["charges"].integer ?? 0)
        }

        private func sellTheRest(_ base: String, in old: LocalCluster) async throws -> JSON {
            let said = try await run(
                ["cluster", "up", "--base-dir", base, "--rate-limits", "off", "--detach", "--json"], in: old)
            do {
                let urls = try JSON(said)["nodes"].elements.compactMap(\.["http"].string)
                let answer = try await Answer.of(
                    .POST, "\(try #require(urls.first))/api/v1/auth/login",
                    body: #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#)
                let tokenFile = base + "/token.json"
                try Data(answer.text.utf8).write(to: URL(fileURLWithPath: tokenFile))
                let report = try await replay(in: old, at: urls, tokenFile)
                try await run(["cluster", "down", "--base-dir", base], in: old)
                return report
            } catch {
                try await run(["cluster", "down", "--base-dir", base], in: old)
                throw error
            }
        }

        private func replay(in cluster: LocalCluster, at urls: [String], _ tokenFile: String) async throws -> JSON {
            try JSON(
                try await run(
                    ["replay", try History.path(in: cluster.folder)] + urls.flatMap { ["--url", $0] } + [
                        "--token-file", tokenFile, "--limit", "\(GoingOn.invoices)", "--settle", "300", "--json",
                    ], in: cluster))
        }

        @discardableResult
        private func run(_ arguments: [String], in cluster: LocalCluster) async throws -> String {
            try await ChildProcess.run("cloudretail", arguments, in: cluster.folder)
        }
    }
}

private enum GoingOn {
    static let invoices = KillHunt.setting("RESTORE_INVOICES") ?? 40
    static let snapshots = KillHunt.setting("RESTORE_SNAPSHOTS") ?? 2
}
