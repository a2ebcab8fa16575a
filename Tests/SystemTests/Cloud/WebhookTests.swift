import CloudTesting
import Foundation
import Testing

extension SystemTests {
    @Suite("A webhook receiver", .timeLimit(patience)) struct WebhookTests {
        private static let shards = 2
        private static let customers = 2
        private static let retries = Array(repeating: "1s", count: 30).joined(separator: ",")

        @Test("is sent every event, signed, through an outage of its own, a new secret and the loss of the leader")
        func deliveries() async throws {
            let folder = try TestFolder()
            let receiver = try await WebhookReceiver(in: folder.url)
            let settings = [
                "CLOUDRETAIL_WEBHOOKS_PRIVATE_ADDRESSES": "allow", "CLOUDRETAIL_WEBHOOKS_RETRIES": Self.retries,
            ]
            try await LocalCluster.with(shards: Self.shards, settings: settings) { cluster in
                try await cluster.logIn()
                let made = try await cluster.send(
                    .POST, "/webhooks", body: #"{"url":"\#(receiver.url)/in"}"#)
                try #require(made.status == 201, "\(made)")
                let id = try #require(try made.json["id"].string)
                try receiver.use(try #require(try made.json["secret"].string))
                var sentUnderBoth = 0
                try await Self.shop(at: cluster) { customers in
                    try await Self.wait { try receiver.count(of: "OrderPlaced") >= 3 }
                    try await receiver.stop()
                    let before = await customers.answered
                    try await Self.wait { await customers.answered >= before + 3 }
                    try await receiver.restart()
                    sentUnderBoth = try await Self.rotate(id, at: cluster, receiver)
                    let sent = try receiver.count(of: "OrderPlaced")
                    let leader = try await cluster.knownLeader()
                    try await cluster.command("kill", leader)
                    try await Self.wait { try receiver.count(of: "OrderPlaced") >= sent + 3 }
                    try await cluster.start([leader])
                }
                try await cluster.logIn()
                try await cluster.settle()
                try await Self.expectAll(of: cluster, at: receiver, sentUnderBoth: sentUnderBoth)
            }
            try await receiver.stop()
        }

        private static func shop(
            at cluster: LocalCluster, while body: (Customers) async throws -> Void
        ) async throws {
            let customers = Customers(cluster)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for customer in 0..<Self.customers {
                    group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                }
                try await body(customers)
                await customers.close()
                try await group.waitForAll()
            }
        }

        /// The receiver is given the new secret once it has been sent events of each shard under both.
        ///
        /// - Returns: how many it had been sent when it had taken one of each shard with the new one.
        private static func rotate(
            _ id: String, at cluster: LocalCluster, _ receiver: WebhookReceiver
        ) async throws -> Int {
            let rotated = try await cluster.send(.POST, "/webhooks/\(id)/rotate-secret")
            try #require(rotated.status == 200, "\(rotated)")
            try await waitForBothSignatures(behind: 0, at: receiver)
            try receiver.use(try #require(try rotated.json["secret"].string))
            try await waitForBothSignatures(behind: try receiver.deliveries().count, at: receiver)
            return try receiver.deliveries().count
        }

        /// Waits until one of each shard was taken that was signed with the old secret and the new, behind `count`.
        private static func waitForBothSignatures(behind count: Int, at receiver: WebhookReceiver) async throws {
            for shard in 0..<shards {
                try await wait {
                    try receiver.deliveries().dropFirst(count).contains { delivery in
                        delivery.event?.id.hasPrefix("\(shard).") == true && delivery.signatures == 2
                    }
                }
            }
        }

        /// The receiver has every event of every order, under one `webhook-id` each, and each was signed: of what was
        /// under way when it was given the new secret, two at most for each shard (one new, one sent again), it may
        /// have refused each, and had it once more.
        private static func expectAll(
            of cluster: LocalCluster, at receiver: WebhookReceiver, sentUnderBoth: Int
        ) async throws {
            let told = try await Feed.read(from: cluster.url, token: cluster.token).map { try JSON($0) }
            let wanted = try told.filter { $0["type"].string?.hasPrefix("Order") == true }.map { event in
                try #require(event["id"].string)
            }
            #expect(wanted.count > 20)
            func events() throws -> [String] { try receiver.deliveries().compactMap(\.event?.id) }
            try await wait { try Set(events()).isSuperset(of: wanted) }
            let deliveries = try receiver.deliveries()
            let bad = deliveries.enumerated().filter { $0.element.bad != nil }
            #expect(bad.count <= 2 * shards && bad.allSatisfy { $0.offset < sentUnderBoth }, "\(sentUnderBoth): \(bad)")
            var names: [String: Set<String>] = [:]
            for case (let id, let event?) in deliveries.map({ ($0.id, $0.event?.id) }) {
                names[event, default: []].insert(id)
            }
            #expect(names.values.allSatisfy { $0.count == 1 }, "an event keeps its webhook-id")
            print("webhooks: \(wanted.count) events of orders, \(deliveries.count) deliveries")
        }

        private static func wait(until condition: () async throws -> Bool) async throws {
            while try await !condition() { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}

extension WebhookReceiver {
    fileprivate nonisolated func count(of type: String) throws -> Int {
        try deliveries().count { $0.event?.type == type }
    }
}
