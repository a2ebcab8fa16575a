import Foundation
import Testing

extension SystemTests {
    /// `tools/rejoin` measures it on a release build; at any other time it does not run.
    @Suite(
        "A node without a disk among three that serve", .enabled(if: Rejoin.megabytes > 0, "it measures"),
        .timeLimit(.minutes(40)))
    struct RejoinTests {
        @Test("has everything after a while, and customers hardly notice")
        func rejoin() async throws {
            let report = try await Rejoin().run()
            print("rejoin: \(report)")
            #expect(report.failed == 0, "\(report)")
            #expect(report.isEqual, "\(report)")
        }
    }
}

/// Fills a cluster, takes a node and its disk away, and puts an empty one in its place under load.
struct Rejoin {
    /// On the disk of a node, at least, when the other one goes.
    static let megabytes = KillHunt.setting("REJOIN_MEGABYTES") ?? 0
    private static let skus = 100_000
    private static let connections = 64
    private static let loadSeconds = 10
    /// Of the peak.
    private static let share = 0.5

    struct Report: CustomStringConvertible {
        /// Megabytes of the data directory of a node that serves, and of the one that came.
        var size = 0
        var sizeOfArrival = 0
        var orders = 0
        var rate = 0
        var seconds = 0.0
        /// Megabytes in memory: of the largest node that serves, before and at most; of the one that came, at most.
        var memoryBefore = 0
        var memoryMax = 0
        var memoryOfArrival = 0
        /// Milliseconds: with three nodes, the worst ten seconds of the arrival, and with three nodes again.
        var p99Before = 0.0
        var p99Meanwhile = 0.0
        var p99After = 0.0
        var failed = 0
        var isEqual = false

        var description: String {
            """
            \(orders) orders, \(size) MB on the disk of a node; an empty node votes after \
            \(String(format: "%.1f", seconds)) s, with \(sizeOfArrival) MB: \
            \(Int(Double(sizeOfArrival) / seconds)) MB/s; memory of the largest node that serves \(memoryBefore) MB, \
            meanwhile \(memoryMax) MB, of the one that comes \(memoryOfArrival) MB; at \(rate) orders/s, \
            \(Int(Rejoin.share * 100)) % of the peak, p99 \(p99Before) ms, meanwhile \(p99Meanwhile) ms, \
            afterwards \(p99After) ms; \(failed) orders failed; the nodes are \(isEqual ? "equal" : "not equal")
            """
        }
    }

    func run() async throws -> Report {
        var report = Report()
        try await LocalCluster.with(catalogue: LocalShop.emptyCatalogue, payment: "in-process") { cluster in
            try await cluster.bench("prepare", "--skus", "\(Self.skus)")
            var peak = 0.0
            while report.size < Self.megabytes {
                try await cluster.logIn()
                let load = try await cluster.load("max", seconds: Self.loadSeconds, connections: Self.connections)
                peak = max(peak, try #require(load["rate_achieved"].double))
                report.orders += Int(try #require(load["succeeded"].integer))
                report.size = try Self.size(of: cluster.node(1).dataDirectory)
            }
            report.rate = Int(peak * Self.share)
            report.p99Before = try await Self.load(cluster, &report)
            report.memoryBefore = try Overload.memory(of: cluster)
            try await Self.replace(3, of: cluster, &report)
            report.p99After = try await Self.load(cluster, &report)
            report.isEqual = try JSON(try await cluster.cluster("compare", "--json"))["equal"] == .boolean(true)
        }
        return report
    }

    private static func replace(_ node: Int, of cluster: LocalCluster, _ report: inout Report) async throws {
        try await cluster.command("kill", node)
        try FileManager.default.removeItem(atPath: cluster.node(node).dataDirectory)
        let arrival = cluster.nodes.count + 1
        let rate = report.rate
        let stop = StopSign()
        try await withThrowingTaskGroup(of: Memory.self) { group in
            group.addTask { try await watch(cluster, without: node, arrival: arrival, until: stop) }
            async let answer = timed { try await cluster.cluster("replace-node", "\(node)", "--json") }
            let loads = Task {
                var loads = Report()
                while await stop.since == nil {
                    loads.p99Meanwhile = max(loads.p99Meanwhile, try await load(cluster, at: rate, &loads.failed))
                }
                return loads
            }
            let (said, seconds) = try await answer
            await stop.set()
            report.seconds = seconds
            report.sizeOfArrival = try size(of: try #require(JSON(said)["data_dir"].string))
            let met = try await loads.value
            report.p99Meanwhile = met.p99Meanwhile
            report.failed += met.failed
            for try await memory in group {
                report.memoryMax = memory.ofOthers
                report.memoryOfArrival = memory.ofArrival
            }
        }
    }

    private static func timed(_ body: () async throws -> String) async throws -> (String, seconds: Double) {
        let begin = ContinuousClock.now
        let said = try await body()
        return (said, (ContinuousClock.now - begin) / .seconds(1))
    }

    private struct Memory {
        var ofOthers = 0
        var ofArrival = 0
    }

    private static func watch(
        _ cluster: LocalCluster, without gone: Int, arrival: Int, until stop: StopSign
    ) async throws -> Memory {
        var memory = Memory()
        while await stop.since == nil {
            for node in cluster.nodes where node.id != gone {
                memory.ofOthers = max(memory.ofOthers, try Overload.memory(ofProcess: cluster.pid(of: node.id)))
            }
            // Before it has been started the record of the cluster knows none.
            if let pid = try cluster.knownPid(of: arrival) {
                memory.ofArrival = max(memory.ofArrival, (try? Overload.memory(ofProcess: pid)) ?? 0)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return memory
    }

    // MARK: - Load

    private static func load(_ cluster: LocalCluster, _ report: inout Report) async throws -> Double {
        try await load(cluster, at: report.rate, &report.failed)
    }

    /// - Returns: the 99th percentile of ten seconds, in milliseconds.
    private static func load(_ cluster: LocalCluster, at rate: Int, _ failed: inout Int) async throws -> Double {
        try await cluster.logIn()
        let load = try await cluster.load("\(rate)", seconds: loadSeconds, connections: connections)
        failed += Int(try #require(load["failed"].integer))
        return try #require(load["latency_ms"]["p99"].double)
    }

    // MARK: - State

    /// Megabytes of the files in a directory.
    private static func size(of directory: String) throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: directory).reduce(0) { sum, path in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(path)")
            return sum + (attributes[.type] as? FileAttributeType == .typeRegular ? attributes[.size] as? Int ?? 0 : 0)
        } >> 20
    }
}
