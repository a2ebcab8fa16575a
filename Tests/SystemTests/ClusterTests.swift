import Foundation
import Testing

extension SystemTests {
    /// A share; `tools/chaos` and `tools/failover` do the same for as long as they are told to.
    @Suite("Three nodes", .timeLimit(patience)) struct ClusterTests {
        /// As many invoices as debug builds replay in a minute while nodes die.
        private static let invoices = KillHunt.setting("CLUSTER_INVOICES") ?? 150
        private static let killsWhileReplaying = KillHunt.setting("CLUSTER_KILLS") ?? 4

        @Test("show on each what was ordered on one")
        func everywhere() async throws {
            try await LocalCluster.with { cluster in
                for node in cluster.nodes {
                    let placed = try await cluster.order(key: "at-\(node.id)", at: node.url)
                    try #require(placed.status == 201, "\(placed)")
                    let id = try #require(try placed.json["id"].string)
                    for other in cluster.nodes {
                        let seen = try await cluster.send(.GET, "/orders/\(id)", at: other.url)
                        #expect(seen.status == 200, "node \(other.id), at once: \(seen)")
                        let again = try await cluster.order(key: "at-\(node.id)", at: other.url)
                        #expect(try again.json["id"] == .string(id), "\(again)")
                        let listed = try await cluster.orders("", at: other.url)
                        #expect(listed.contains { $0["id"] == .string(id) })
                    }
                }
                #expect(try await cluster.ledgerSummary()["charges"] == .integer(3))
            }
        }

        @Test("lose no order and charge none twice when their leader is killed, and take it back when it has caught up")
        func leaderKilled() async throws {
            try await LocalCluster.with { cluster in
                let leader = try #require(try await cluster.leader())
                let other = try #require(cluster.nodes.first { $0.id != leader })
                await cluster.ask(other.id)
                let customers = Customers(cluster)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for customer in 0..<3 {
                        group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                    }
                    try await Task.sleep(for: .seconds(1))
                    try await cluster.command("kill", leader)
                    try await Task.sleep(for: .seconds(3))
                    try await cluster.command("restart", leader)
                    try await Task.sleep(for: .seconds(1))
                    await customers.close()
                    try await group.waitForAll()
                }
                #expect(try await customers.check() > 0)
                try await Self.atRest(cluster)
            }
        }

        @Test("sell a real history to the penny while they are killed one by one")
        func replay() async throws {
            try await LocalCluster.with(catalogue: LocalShop.emptyCatalogue) { cluster in
                let urls = cluster.nodes.flatMap { ["--url", $0.url] }
                let replay = try ChildProcess(
                    "cloudretail",
                    ["replay", try History.path(in: cluster.folder)] + urls + [
                        "--token-file", cluster.tokenFile, "--limit", "\(Self.invoices)", "--concurrency", "8",
                        "--patience", "300", "--settle", "300", "--json",
                    ], in: cluster.folder)
                var nemesis = Nemesis(cluster, seed: UInt64.random(in: 0..<1_000_000))
                try await nemesis.strike(times: Self.killsWhileReplaying)
                let status = try await replay.exit()
                let said = try replay.said
                let complained = try replay.complained.suffix(2_000)
                #expect(status == 0, "\(said) \(complained)")
                let report = try JSON(said)
                let placed = try #require(report["orders_placed"].integer)
                print("replayed \(placed) orders of \(report["value_minor"]) through \(nemesis.tally)")
                #expect(report["orders_refused"] == .integer(0) && report["orders_failed"] == .integer(0))
                #expect(report["reconciliation"]["agrees"] == .boolean(true))
                let received = try #require(report["reconciliation"]["units_received"].integer)
                let sold = try #require(report["units"].integer)
                #expect(report["reconciliation"]["units_on_hand"] == .integer(received - sold))
                let summary = try await cluster.ledgerSummary()
                // Where there is nothing to pay the provider is not asked: all four lines of invoice 564651 are gifts.
                let free = try await cluster.orders("").count { $0["total"]["amount"] == .integer(0) }
                #expect(summary["orders_charged"] == .integer(placed - Int64(free)), "\(summary), \(free) free")
                try await Self.atRest(cluster)
            }
        }

        /// No customer was charged twice, each node's log is sound, and all say the same.
        static func atRest(_ cluster: LocalCluster) async throws {
            try await cluster.logIn()
            try await cluster.settle()
            #expect(try await cluster.ledgerSummary()["orders_charged_more_than_once"] == .integer(0))
            let running = try JSON(try await cluster.cluster("compare", "--json"))
            #expect(running["equal"] == .boolean(true), "\(running)")
            for node in cluster.nodes { try await cluster.command("stop", node.id) }
            for node in cluster.nodes {
                let verified = try await cluster.verify(node.id)
                #expect(verified["ok"] == .boolean(true), "node \(node.id): \(verified)")
            }
            let stopped = try JSON(try await cluster.cluster("compare", "--json"))
            #expect(stopped["equal"] == .boolean(true), "\(stopped)")
        }
    }
}
