import Foundation
import Testing

extension SystemTests {
    /// The nodes' volumes are as full as `NodeMachines` has them say.
    @Suite("Three nodes whose disks are full", .timeLimit(patience)) struct FullDiskTests {
        /// Room for what leaders send, and for nothing new.
        private static let low: Int64 = 40 << 20
        /// Room for elections alone.
        private static let reserve: Int64 = 24 << 20

        @Test("refuse what is new by that name and read on, under the leader they have or a new one")
        func majority() async throws {
            try await LocalCluster.with(hasMachines: true) { cluster in
                let path = try await Self.place("before", in: cluster)
                try cluster.setFree(Self.low, of: cluster.nodes)
                try await Self.expectReading(path, at: cluster.nodes, of: cluster)
                try await cluster.level()
                try cluster.setFree(Self.reserve, of: cluster.nodes)

                let leader = try await cluster.knownLeader()
                try await cluster.command("kill", leader)
                let others = cluster.nodes.filter { $0.id != leader }
                await cluster.ask(others[0].id)
                try await Self.expectReading(path, at: others, of: cluster)
                try await cluster.command("restart", leader)
                try await Self.expectReading(path, at: cluster.nodes, of: cluster)

                // A leader with room could commit nothing either.
                let next = try await cluster.knownLeader()
                try cluster.setFree(0, of: [cluster.node(next)])
                try await Self.expectReading(path, at: cluster.nodes, of: cluster)
                try await Self.makeRoom(in: cluster)
            }
        }

        @Test("are asked in vain for what is new and for what is missed, by that name, where one was full before them")
        func laggard() async throws {
            try await LocalCluster.with(hasMachines: true) { cluster in
                let leader = try await cluster.knownLeader()
                await cluster.ask(leader)
                let laggard = try #require(cluster.nodes.first { $0.id != leader })
                try cluster.setFree(Self.reserve, of: [laggard])
                while try await Answer.of(.GET, "\(laggard.url)/readyz").status == 200 {
                    try await Task.sleep(for: .milliseconds(50))
                }
                let path = try await Self.place("missed", in: cluster)
                try cluster.setFree(Self.low, of: cluster.nodes.filter { $0.id != laggard.id })
                try await Self.expectReading(path, at: cluster.nodes.filter { $0.id != laggard.id }, of: cluster)
                for path in [path, "/orders"] {
                    let answer = try await cluster.send(.GET, path, at: laggard.url)
                    #expect(try answer.json["code"] == .string("storage_full"), "\(answer)")
                }
                let refused = try await cluster.order(key: "never", at: laggard.url)
                #expect(try refused.json["code"] == .string("storage_full"), "\(refused)")
                let ready = try await Answer.of(.GET, "\(laggard.url)/readyz")
                #expect(ready.status == 503 && ready.text.contains("a majority of the nodes are full"), "\(ready)")
                try await Self.makeRoom(in: cluster)
            }
        }

        /// Places an order.
        ///
        /// - Returns: its path.
        private static func place(_ key: String, in cluster: LocalCluster) async throws -> String {
            let placed = try await cluster.order(key: key)
            try #require(placed.status == 201, "\(placed)")
            return "/orders/\(try #require(try placed.json["id"].string))"
        }

        /// All goes on by itself.
        private static func makeRoom(in cluster: LocalCluster) async throws {
            try cluster.setFree(0, of: cluster.nodes)
            for node in cluster.nodes {
                while try await cluster.order(key: "after-\(node.id)", at: node.url).status != 201 {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            try await cluster.settle()
            #expect(try JSON(try await cluster.cluster("compare", "--json"))["equal"] == .boolean(true))
        }

        /// Waits until each of `nodes` says that a majority has no room, and looks at what it does then.
        private static func expectReading(
            _ path: String, at nodes: [LocalCluster.Node], of cluster: LocalCluster
        ) async throws {
            for node in nodes {
                while true {
                    let ready = try await Answer.of(.GET, "\(node.url)/readyz")
                    if ready.status == 200, ready.text.contains("a majority of the nodes are full") { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            // As long as several elections: no node gives its leadership away for nothing.
            for _ in 0..<10 {
                for node in nodes {
                    let refused = try await cluster.order(key: UUID().uuidString, at: node.url)
                    #expect(refused.status == 503, "node \(node.id): \(refused)")
                    #expect(try refused.json["code"] == .string("storage_full"), "node \(node.id): \(refused)")
                    let read = try await cluster.send(.GET, path, at: node.url)
                    #expect(read.status == 200, "node \(node.id): \(read)")
                }
                try await Task.sleep(for: .milliseconds(200))
            }
            let snapshot = cluster.folder.appending(path: "\(UUID().uuidString).snapshot").path
            try await ChildProcess.run(
                "cloudretail",
                ["snapshot", "create", "--url", nodes[0].url, "--token-file", cluster.tokenFile, "--output", snapshot],
                in: cluster.folder)
            let status = try JSON(try await cluster.cluster("status", "--json"))
            #expect(status["shards"].elements[0]["leader"].integer != nil, "\(status)")
            #expect(status["nodes"].elements.count { $0["disk_full"] == .boolean(true) } > 1, "\(status)")
            #expect(try await cluster.cluster("status").contains("has a full disk"))
        }
    }
}

extension LocalCluster {
    /// Has the disks of `nodes` say that so many bytes are free; 0 for as many as there are.
    fileprivate nonisolated func setFree(_ bytes: Int64, of nodes: [Node]) throws {
        for node in nodes { try #require(machines).set(.freeBytes, of: node.id, to: bytes) }
    }

    /// Returns once all nodes have the same entries.
    fileprivate nonisolated func level() async throws {
        while true {
            let shard = try JSON(try await cluster("status", "--json"))["shards"].elements[0]
            if Set(shard["nodes"].elements.map { $0["committed"].integer }).count == 1 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
