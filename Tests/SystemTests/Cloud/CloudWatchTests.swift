import CloudTesting
import Foundation
import Testing

extension SystemTests {
    @Suite("CloudWatch", .timeLimit(.minutes(10))) struct CloudWatchTests {
        private static let namespace = "shop-of-a-test"
        /// Told only once an order was asked for, by the node that was asked.
        private static let lastTold = "order_seconds"

        @Test("is told by each node all that alarms and the dashboard look at, and nothing else")
        func metrics() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            let settings = await cloud.environment.merging([
                "CLOUDRETAIL_EVENT_BUS": "default", "CLOUDRETAIL_CLOUDWATCH_NAMESPACE": Self.namespace,
                "CLOUDRETAIL_CLOUDWATCH_PERIOD": "1s",
            ]) { $1 }
            let watched = try Self.watched()
            #expect(watched.count > 15)
            try await LocalCluster.with(settings: settings) { cluster in
                for node in cluster.nodes {
                    let answer = try await cluster.order(key: "at-\(node.id)", at: node.url)
                    #expect(answer.status == 201)
                    while try Self.told(by: node)[Self.lastTold] == nil { try await Task.sleep(for: .milliseconds(50)) }
                    let told = try Self.told(by: node)
                    #expect(Set(told.keys) == watched)
                    for line in told.values {
                        #expect(line["node"].string == "\(node.id)")
                        #expect(line["cluster"].string?.isEmpty == false)
                        #expect(line["_aws"]["CloudWatchMetrics"].elements.first?["Namespace"].string == Self.namespace)
                    }
                }
                let placed = try cluster.nodes.map { node in try Self.sum("orders_placed_total", by: node) }
                #expect(placed == [1, 1, 1])
            }
            try await cloud.stop()
        }

        /// The lines of a node's output that have metrics in them.
        private static func lines(of node: LocalCluster.Node) throws -> [JSON] {
            let log = try String(contentsOfFile: node.log, encoding: .utf8)
            // The last line may be half written.
            let whole = log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return try whole.filter { $0.contains(#""_aws""#) }.map { try JSON(String($0)) }
        }

        /// The metrics that a node has told, each with a line that has it.
        private static func told(by node: LocalCluster.Node) throws -> [String: JSON] {
            var told: [String: JSON] = [:]
            for line in try lines(of: node) {
                for directive in line["_aws"]["CloudWatchMetrics"].elements {
                    for metric in directive["Metrics"].elements {
                        let name = try #require(metric["Name"].string)
                        try #require(line[name] != .null)
                        told[name] = line
                    }
                }
            }
            return told
        }

        private static func sum(_ counter: String, by node: LocalCluster.Node) throws -> Int64 {
            try lines(of: node).reduce(0) { $0 + ($1[counter].integer ?? 0) }
        }

        /// What the files of `tools/deploy/terraform` look at of nodes.
        private static func watched() throws -> Set<String> {
            let alarms = try text(of: "alarms.tf").matches(of: /metric = "([a-z_]+)", dimensions = local\.shop/)
            let pictures = try #require(try text(of: "dashboard.tf").split(separator: "resource ").first)
            let shown = pictures.matches(of: /"([a-z]+(?:_[a-z]+)+)"/)
            return Set(alarms.map { String($0.1) } + shown.map { String($0.1) })
        }

        private static func text(of name: String) throws -> String {
            let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try String(contentsOf: project.appending(path: "tools/deploy/terraform/\(name)"), encoding: .utf8)
        }
    }
}
