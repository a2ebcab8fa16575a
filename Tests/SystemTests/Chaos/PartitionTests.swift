import Foundation
import NIOCore
import Testing

extension SystemTests {
    @Suite("A leader that is cut off", .timeLimit(patience)) struct PartitionTests {
        /// Longer than a debug build on a busy machine takes to elect another.
        private static let patience = Duration.seconds(60)
        /// Longer than a node lets a request wait.
        private static let answerLimit = TimeAmount.seconds(45)

        @Test("refuses what it cannot know while the others sell on, gives way, and follows them when it is back")
        func cutOff() async throws {
            try await LocalCluster.with(hasNetwork: true) { cluster in
                let network = try #require(cluster.network)
                let leader = try await cluster.knownLeader()
                let other = try #require(cluster.nodes.first { $0.id != leader }).url
                let alone = cluster.node(leader).url
                #expect(try await cluster.order(key: "before", at: alone).status == 201)

                try await network.set(.cut, on: network.ways(of: leader))
                async let late = ask(cluster, .POST, "/orders", at: alone, key: "late")
                let during = try await sell(cluster, at: other, key: "during")
                try await expectRefusal(late, "an order that was asked for at once")
                try await expectRefusal(ask(cluster, .POST, "/orders", at: alone, key: "later"), "a later order")
                for path in ["/inventory/TEA", "/orders/\(during)"] {
                    try await expectRefusal(ask(cluster, .GET, path, at: alone), path)
                }

                try await network.mend()
                _ = try await cluster.wait("/orders/\(during)", at: alone) { $0["id"] == .string(during) }
                for key in ["late", "later"] { _ = try await sell(cluster, at: alone, key: key) }
                try await cluster.settle()
                let summary = try await cluster.ledgerSummary()
                #expect(summary["orders_charged"] == .integer(4) && summary["charges"] == .integer(4), "\(summary)")

                for isDeaf in [false, true] { try await cutOneWay(cluster, network, isDeaf: isDeaf) }
                try await bridge(cluster, network)
                try await ClusterTests.atRest(cluster)
            }
        }

        /// A leader that is not heard, or that hears nothing, gives way.
        private func cutOneWay(_ cluster: LocalCluster, _ network: NodeNetwork, isDeaf: Bool) async throws {
            let leader = try await cluster.knownLeader()
            let other = try #require(cluster.nodes.first { $0.id != leader }).url
            try await network.set(.cut, on: network.ways.filter { (isDeaf ? $0.to : $0.from) == leader })
            _ = try await sell(cluster, at: other, key: "deaf: \(isDeaf)")
            try await network.mend()
            _ = try await sell(cluster, at: cluster.node(leader).url, key: "deaf: \(isDeaf), and back")
        }

        /// A leader that has lost one of two leads on.
        private func bridge(_ cluster: LocalCluster, _ network: NodeNetwork) async throws {
            let leader = try await cluster.knownLeader()
            let others = cluster.nodes.filter { $0.id != leader }
            let ways = [NodeNetwork.Way(from: leader, to: others[0].id), .init(from: others[0].id, to: leader)]
            try await network.set(.cut, on: ways)
            _ = try await sell(cluster, at: others[1].url, key: "bridge")
            let terms = try await cluster.terms()
            for count in 0..<20 { _ = try await sell(cluster, at: others[1].url, key: "bridge-\(count)") }
            #expect(try await cluster.terms() == terms)
            try await network.mend()
            _ = try await sell(cluster, at: others[0].url, key: "bridge, and back")
        }

        /// Orders until it is placed; the order's id.
        private func sell(_ cluster: LocalCluster, at url: String, key: String) async throws -> String {
            let begin = ContinuousClock.now
            while true {
                let answer = try await ask(cluster, .POST, "/orders", at: url, key: key)
                if [201, 202].contains(answer.status) { return try #require(try answer.json["id"].string) }
                try #require(answer.status == 503, "\(key): \(answer)")
                try #require(ContinuousClock.now - begin < Self.patience, "\(key) is not sold: \(answer)")
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        private func ask(
            _ cluster: LocalCluster, _ method: Answer.Method, _ path: String, at url: String, key: String? = nil
        ) async throws -> Answer {
            let body = key.map { _ in #"{"items":[{"sku":"TEA","quantity":1}]}"# }
            return try await Answer.of(
                method, "\(url)/api/v1\(path)", token: await cluster.token, key: key, body: body,
                within: Self.answerLimit)
        }

        private func expectRefusal(_ answer: Answer, _ what: String) {
            #expect(answer.status == 503, "\(what): \(answer)")
            #expect(answer.headers.first(name: "Retry-After") != nil, "\(what): \(answer.headers)")
        }
    }
}
