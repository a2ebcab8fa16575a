import Foundation
import Testing

extension SystemTests {
    /// `tools/upgrade` does the same from the program of an earlier version.
    @Suite("A cluster that is upgraded node by node", .timeLimit(patience)) struct UpgradeTests {
        @Test("sells on, takes what is new once its last node is upgraded, and lets no node go back")
        func rolling() async throws {
            let earlier = Program.earlier
            try await LocalCluster.with(program: earlier) { cluster in
                let customers = Customers(cluster)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for customer in 0..<3 {
                        group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                    }
                    for node in cluster.nodes {
                        #expect(try await version(at: node, in: cluster) <= 1)
                        try await cluster.command("stop", node.id, with: earlier)
                        try await cluster.command("restart", node.id)
                        if node.id != cluster.nodes.last?.id {
                            let refused = try await guest(at: node, in: cluster)
                            let isPassing = refused.headers.contains(name: "Retry-After")
                            #expect(refused.status == 503 && isPassing, "\(refused)")
                        }
                    }
                    for node in cluster.nodes {
                        while try await version(at: node, in: cluster) < 2 {
                            try await Task.sleep(for: .milliseconds(20))
                        }
                        #expect(try await guest(at: node, in: cluster).status == 200)
                    }
                    await customers.close()
                    try await group.waitForAll()
                }
                let placed = try await customers.check()
                print("an upgrade, node by node: \(placed) orders placed meanwhile, and none lost")
                try #require(placed > 0)
                let last = try #require(cluster.nodes.last)
                try await cluster.command("stop", last.id)
                try await cluster.command("restart", last.id, with: earlier, expecting: 1)
                if earlier.path == Program.ours.path {
                    let log = try String(contentsOfFile: last.log, encoding: .utf8)
                    #expect(log.contains("upgraded to version 2; this program reads up to 1"), "\(log.suffix(2_000))")
                }
                try await cluster.command("restart", last.id)
                try await ClusterTests.atRest(cluster)
            }
        }

        /// Of the cluster, as far as a node knows; 0 from a program that does not say.
        private func version(at node: LocalCluster.Node, in cluster: LocalCluster) async throws -> Int64 {
            let status = try await cluster.page("/cluster", at: node.url)
            return status["cluster_version"].integer ?? 0
        }

        /// Something that came with version 2: a guest's cart.
        private func guest(at node: LocalCluster.Node, in cluster: LocalCluster) async throws -> Answer {
            let guest = try await cluster.send(.POST, "/auth/guest", at: node.url)
            let token = try #require(try guest.json["access_token"].string, "\(guest)")
            return try await cluster.send(
                .POST, "/cart/items", at: node.url, token: token, key: UUID().uuidString,
                body: #"{"sku":"TEA","quantity":1}"#)
        }
    }
}
