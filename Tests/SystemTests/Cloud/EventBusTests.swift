import CloudTesting
import Foundation
import Testing

extension SystemTests {
    fileprivate static let wantedOrders = KillHunt.setting("EVENT_HUNT_ORDERS") ?? 120

    /// A share; `tools/event-hunt` does the same with as many orders and faults as it is told to.
    @Suite("An event bus", .timeLimit(.minutes(10 + wantedOrders / 100))) struct EventBusTests {
        private static let orders = wantedOrders
        private static let strikes = KillHunt.setting("EVENT_HUNT_STRIKES") ?? 2
        private static let shards = 3
        private static let customers = 6
        /// So many that one's events, which are told one after the other, hold up no others.
        private static let skus = (0..<200).map { "SKU-\($0)" }
        private static let catalogue = "sku,title,price,currency,quantity\n"
            + skus.map { "\($0),\($0),4.50,EUR,100000\n" }.joined()
        private static let faults: [CloudServer.Fault: Double] = [
            .throttled: 0.1, .unavailable: 0.05, .lost: 0.05, .partial: 0.1,
        ]

        @Test("that stops, throttles and fails is told of every event, in order, while nodes are killed")
        func hunt() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            try await cloud.set(Self.faults)
            let settings = await cloud.environment.merging(["CLOUDRETAIL_EVENT_BUS": "default"]) { $1 }
            try await LocalCluster.with(
                shards: Self.shards, catalogue: Self.catalogue, settings: settings
            ) { cluster in
                let customers = Customers(cluster, skus: Self.skus)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for customer in 0..<Self.customers {
                        group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                    }
                    group.addTask {
                        while await customers.answered < Self.orders { try await Task.sleep(for: .milliseconds(20)) }
                        await customers.close()
                    }
                    var nemesis = Nemesis(cluster, seed: UInt64.random(in: 0..<1_000_000))
                    for _ in 0..<Self.strikes {
                        try await cloud.stop()
                        try await nemesis.strike(times: 1)
                        try await cloud.restart()
                        try await cloud.set(Self.faults)
                        try await nemesis.strike(times: 1)
                    }
                    try await group.waitForAll()
                    print("event hunt: \(await customers.answered) orders through \(nemesis.tally)")
                }
                try await cluster.logIn()
                try await cluster.settle()
                let told = try await Self.expectAll(of: cluster, at: cloud)
                try await Self.expectPosition(told, survivesLeaderOf: cluster, cloud)
            }
            try await cloud.stop()
        }

        /// The bus has every event of the feed, those of one subject in their order.
        ///
        /// - Returns: how many entries the bus has taken.
        private static func expectAll(of cluster: LocalCluster, at cloud: CloudServer) async throws -> Int {
            let wanted = try await Feed.read(from: cluster.url, token: cluster.token)
            #expect(wanted.count > 2 * orders)
            var told: [String] = []
            repeat {
                try await Task.sleep(for: .milliseconds(200))
                told = try cloud.events().map(\.Detail)
            } while !Set(told).isSuperset(of: wanted)
            var first: [String: Int] = [:]
            for (place, event) in told.enumerated() where first[event] == nil { first[event] = place }
            var last: [String: Int] = [:]
            for event in wanted {
                let subject = try #require(try JSON(event)["subject"].string)
                let place = try #require(first[event])
                #expect(place > last[subject] ?? -1, "out of its order: \(event)")
                last[subject] = place
            }
            print("event hunt: \(wanted.count) events, told \(told.count) times")
            return told.count
        }

        /// After the loss of the node that leads, the next one goes on where it was, and not from the beginning.
        private static func expectPosition(
            _ told: Int, survivesLeaderOf cluster: LocalCluster, _ cloud: CloudServer
        ) async throws {
            try await cloud.set([:])
            let leader = try await cluster.knownLeader()
            try await cluster.command("kill", leader)
            let other = try #require(cluster.nodes.first { $0.id != leader })
            await cluster.ask(other.id)
            let customers = Customers(cluster, skus: skus)
            async let shopping: Void = customers.shopUntilClosed(named: "after-the-loss")
            while await customers.answered < 3 { try await Task.sleep(for: .milliseconds(20)) }
            await customers.close()
            try await shopping
            let subject = try #require(try await cluster.orders("", at: other.url).first?["id"].string)
            func isTold() throws -> Bool {
                try cloud.events().contains { $0.Detail.contains(subject) && $0.DetailType == "OrderPlaced" }
            }
            while try !isTold() { try await Task.sleep(for: .milliseconds(50)) }
            let again = try cloud.events().count - told
            #expect(again < told / 2, "\(again) entries after \(told)")
            try await cluster.start([leader])
        }
    }
}

/// The event feed of a node, from its beginning.
enum Feed {
    /// The events that are committed now, as they are told, in an order that holds for each subject.
    static func read(from url: String, token: String) async throws -> [String] {
        let folder = try TestFolder()
        let curl = try ChildProcess(
            "/usr/bin/curl", ["-sN", "\(url)/api/v1/events?after=beginning", "-H", "Authorization: Bearer \(token)"],
            in: folder.url)
        // The node says so when nothing has come for a while.
        while try !curl.said.contains(": heartbeat") { try await Task.sleep(for: .milliseconds(200)) }
        curl.terminate()
        let prefix = "data: "
        let lines = try curl.said.split(separator: "\n").filter { $0.hasPrefix(prefix) }
        return lines.map { String($0.dropFirst(prefix.count)) }
    }
}
