import Foundation
import Testing

extension SystemTests {
    @Suite("Nodes that come and go while three serve", .timeLimit(patience)) struct MembershipTests {
        @Test("take over everything, and no order is lost")
        func comeAndGo() async throws {
            try await LocalCluster.with(shards: 2) { cluster in
                // Not one of the customers below, who are asked for all of theirs.
                let buyer = try await cluster.register("buyer@example.com")
                let first = try await cluster.order(key: "before", token: buyer)
                try #require(first.status == 201, "\(first)")
                let customers = Customers(cluster)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for customer in 0..<3 {
                        group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                    }
                    try await Self.change(cluster, order: try #require(try first.json["id"].string), of: buyer)
                    await customers.close()
                    try await group.waitForAll()
                }
                #expect(try await customers.check() > 0)
                try await Self.atRest([1, 3, 5], of: cluster)
            }
        }

        @Test("are let in under no number of a node that lost its disk: they would forget what it promised")
        func lostDisk() async throws {
            try await LocalCluster.with { cluster in
                try await cluster.command("kill", 1)
                try await cluster.logIn(at: 2)
                let order = try await cluster.order(key: "while-1-is-down", at: cluster.node(2).url)
                try #require(order.status == 201, "\(order)")
                let path = "/orders/\(try #require(try order.json["id"].string))"
                for node in [2, 3] { try await cluster.command("kill", node) }
                try FileManager.default.removeItem(atPath: cluster.node(3).dataDirectory)
                for node in [3, 1] { try await cluster.command("restart", node, "--no-wait") }
                try await Self.wait(for: "Error: The other nodes know", inLogOf: cluster.node(3))
                // Nothing beside the reason looks like one.
                let log = try String(contentsOfFile: cluster.node(3).log, encoding: .utf8)
                #expect(!log.contains("\"level\":\"error\""), "\(log)")
                #expect(try await Answer.of(.GET, "\(cluster.node(1).url)/readyz").status == 503)

                try await cluster.command("restart", 2)
                try await cluster.start([1])
                for node in [1, 2] {
                    try await cluster.logIn(at: node)
                    #expect(try await cluster.send(.GET, path, at: cluster.node(node).url).status == 200)
                }
                let replaced = try JSON(try await cluster.cluster("replace-node", "3", "--json"))
                let url = try #require(replaced["http"].string)
                #expect(try await cluster.send(.GET, path, at: url).status == 200)
            }
        }

        @Test("go again where their arrival was cut off, wherever it was by then")
        func cutOff() async throws {
            try await LocalCluster.with { cluster in
                for (number, pause) in zip(4..., [0, 50, 400, 1_500]) {
                    let adding = try ChildProcess(
                        "cloudretail", ["cluster", "add-node", "--base-dir", cluster.base], in: cluster.folder)
                    while try !Self.isRecorded(number, in: cluster) { try await Task.sleep(for: .milliseconds(1)) }
                    try await Task.sleep(for: .milliseconds(pause))
                    if pause == 0 {
                        let other = try ChildProcess(
                            "cloudretail", ["cluster", "remove-node", "1", "--base-dir", cluster.base],
                            in: cluster.folder)
                        #expect(try await other.exit() == 1)
                        #expect(try other.complained.contains(", cluster add-node."))
                    }
                    adding.kill()
                    _ = try await adding.exit()
                    try await cluster.cluster("remove-node", "\(number)")
                    #expect(try !Self.isRecorded(number, in: cluster))
                    try await cluster.cluster("remove-node", "\(number + 90)", expecting: 1)
                    let status = try JSON(try await cluster.cluster("status", "--json"))
                    #expect(status["nodes"].elements.map { $0["id"] } == [.integer(1), .integer(2), .integer(3)])
                }
            }
        }

        private static func isRecorded(_ node: Int, in cluster: LocalCluster) throws -> Bool {
            let record = try JSON(try String(contentsOfFile: cluster.base + "/cluster.json", encoding: .utf8))
            return record["nodes"].elements.contains { $0["id"] == .integer(Int64(node)) }
        }

        @Test("a majority that has lost its disks elects nobody while the third is down, and is turned away by it")
        func lostDisks() async throws {
            try await LocalCluster.with { cluster in
                for node in [1, 2, 3] { try await cluster.command("kill", node) }
                for node in [1, 2] {
                    try FileManager.default.removeItem(atPath: cluster.node(node).dataDirectory)
                    try await cluster.command("restart", node, "--no-wait")
                }
                for node in [1, 2] { try await Self.wait(for: "\"awaited\":\"3\"", inLogOf: cluster.node(node)) }
                for node in [1, 2] {
                    #expect(try await Answer.of(.GET, "\(cluster.node(node).url)/readyz").status == 503)
                }
                try await cluster.command("restart", 3, "--no-wait")
                for node in [1, 2] {
                    try await Self.wait(for: "has lost its disk is replaced", inLogOf: cluster.node(node))
                }
            }
        }

        private static func wait(for text: String, inLogOf node: LocalCluster.Node) async throws {
            while try !String(contentsOfFile: node.log, encoding: .utf8).contains(text) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        /// Adds node 4, puts node 5 in the place of node 2, and removes node 4.
        private static func change(_ cluster: LocalCluster, order: String, of buyer: String) async throws {
            let added = try JSON(try await cluster.cluster("add-node", "--json"))
            #expect(added["node"] == .integer(4))
            let url = try #require(added["http"].string)
            #expect(try await cluster.send(.GET, "/orders/\(order)", at: url).status == 200)
            #expect(try await cluster.order(key: "at-4", at: url, token: buyer).status == 201)
            let again = try await cluster.send(
                .POST, "/cluster/nodes", at: url, body: #"{"id":4,"address":"127.0.0.1:1"}"#)
            #expect(again.status == 409, "\(again)")

            // Its disk is lost.
            try await cluster.command("kill", 2)
            try FileManager.default.removeItem(atPath: cluster.node(2).dataDirectory)
            let replaced = try JSON(try await cluster.cluster("replace-node", "2", "--json"))
            #expect(replaced["node"] == .integer(5) && replaced["replaced"] == .integer(2))
            try await cluster.cluster("transfer-leader", "0", "4")
            #expect(try await cluster.leader() == 4)

            let log = try #require(added["log"].string)
            let removed = try JSON(try await cluster.cluster("remove-node", "4", "--json"))
            #expect(removed["removed"] == .integer(4))
            #expect(try String(contentsOfFile: log, encoding: .utf8).contains("has been removed from the cluster"))
            try await cluster.cluster("remove-node", "4")
            try await cluster.cluster("remove-node", "99", expecting: 1)
            let status = try JSON(try await cluster.cluster("status", "--json"))
            for shard in status["shards"].elements {
                #expect(shard["nodes"].elements.map { $0["id"] } == [.integer(1), .integer(3), .integer(5)])
            }
        }

        private static func atRest(_ nodes: [Int], of cluster: LocalCluster) async throws {
            await cluster.ask(1)
            try await cluster.logIn()
            try await cluster.settle()
            #expect(try await cluster.ledgerSummary()["orders_charged_more_than_once"] == .integer(0))
            let running = try JSON(try await cluster.cluster("compare", "--json"))
            #expect(running["equal"] == .boolean(true), "\(running)")
            // A restart still knows nodes that its configuration was not founded with.
            try await cluster.command("restart", 1)
            #expect(try await cluster.order(key: "after").status == 201)
            try await cluster.settle()
            for node in nodes { try await cluster.command("stop", node) }
            for node in nodes {
                let verified = try JSON(
                    try await ChildProcess.run(
                        "cloudretail", ["verify", "--data-dir", "\(cluster.base)/node-\(node)/data", "--json"],
                        in: cluster.folder))
                #expect(verified["ok"] == .boolean(true), "node \(node): \(verified)")
            }
            let stopped = try JSON(try await cluster.cluster("compare", "--json"))
            #expect(stopped["equal"] == .boolean(true), "\(stopped)")
        }
    }
}
