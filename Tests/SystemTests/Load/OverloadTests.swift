import Foundation
import Testing

extension SystemTests {
    /// `tools/overload` measures it for two minutes on a release build; at any other time it does not run.
    @Suite(
        "Three nodes that are asked for five times what they can do",
        .enabled(if: KillHunt.setting("OVERLOAD_SECONDS") != nil, "it measures"), .timeLimit(.minutes(15)))
    struct OverloadTests {
        @Test("refuse the rest at once, saying when to come again, and serve all afterwards")
        func overload() async throws {
            let report = try await Overload().run()
            print("overload: \(report)")
            #expect(report.accepted > 0 && report.refused > 0, "\(report)")
            #expect(report.unclear == 0, "\(report)")
            #expect(report.failedAfterwards == 0, "\(report)")
        }
    }
}

/// Asks a cluster for far more than it can do, while a few more clients look at what they are told.
struct Overload {
    static let seconds = KillHunt.setting("OVERLOAD_SECONDS") ?? 3
    private static let factor = 5.0
    /// More than the nodes admit together; few enough to leave the machine to them.
    private static let connections = KillHunt.setting("OVERLOAD_CONNECTIONS") ?? 600
    /// Requests that one node works on: a fifth of a second of work of a machine that it shares with two others.
    private static let inFlightMax = KillHunt.setting("OVERLOAD_IN_FLIGHT") ?? 100
    private static let skus = 1_000
    private static let peakSeconds = seconds > 10 ? 20 : 2
    private static let peakConnections = 64
    private static let rest = Duration.seconds(seconds > 10 ? 10 : 1)
    /// Of the peak: the load before and after, whose latencies are compared.
    private static let moderate = 0.3

    struct Report: CustomStringConvertible {
        var peak = 0.0
        var asked = 0.0
        var accepted = 0.0
        var refused = 0
        var unsent = 0
        var failed = 0
        /// Of the requests that were timed, those refused, and the milliseconds until they were told.
        var timed = 0
        var refusalP50 = 0.0
        var refusalP99 = 0.0
        var refusalMax = 0.0
        /// Answers of 429 or 503 that were read, and those of them that did not say when to come again.
        var looks = 0
        var unclear = 0
        /// Processor seconds a second: of the clients, and of all nodes.
        var clientsLoad = 0.0
        var nodesLoad = 0.0
        var memoryBefore = 0
        var memoryMax = 0
        var calmBefore = 0.0
        var calmAfter = 0.0
        var failedAfterwards = 0

        var description: String {
            """
            peak \(Int(peak))/s; asked \(Int(asked))/s, accepted \(Int(accepted))/s, \
            \(Int(accepted / peak * 100)) % of the peak; refused \(refused), failed \(failed), \
            never sent \(unsent); \(timed) refusals timed: p50 \(refusalP50) ms, p99 \(refusalP99) ms, \
            worst \(refusalMax) ms; \(looks) looked at, \(unclear) without Retry-After; \
            of \(ProcessInfo.processInfo.activeProcessorCount) processors the clients take \
            \(String(format: "%.2f", clientsLoad)) and the nodes \(String(format: "%.2f", nodesLoad)); \
            largest node \(memoryBefore) MB before, \(memoryMax) MB at most; \
            p99 at \(Int(Self.share * 100)) % of the peak \(calmBefore) ms before, \
            \(calmAfter) ms afterwards, \(failedAfterwards) of it failed
            """
        }
        private static let share = Overload.moderate
    }

    func run() async throws -> Report {
        var report = Report()
        try await LocalCluster.with(
            catalogue: LocalShop.emptyCatalogue, payment: "in-process",
            settings: [
                "CLOUDRETAIL_REQUESTS_IN_FLIGHT_MAX": "\(Self.inFlightMax)",
                "CLOUDRETAIL_CONNECTIONS_PER_ADDRESS_MAX": "\(Self.connections)",
            ]
        ) { cluster in
            try await cluster.bench("prepare", "--skus", "\(Self.skus)")
            let peak = try await cluster.load("max", seconds: Self.peakSeconds, connections: Self.peakConnections)
            report.peak = try #require(peak["rate_achieved"].double)
            let calm = "\(Int(max(1, report.peak * Self.moderate)))"
            let before = try await cluster.load(calm, seconds: Self.peakSeconds / 2, connections: Self.peakConnections)
            report.calmBefore = try #require(before["latency_ms"]["p99"].double)
            report.memoryBefore = try Self.memory(of: cluster)
            try await Self.press(cluster, &report)
            try await Task.sleep(for: Self.rest)
            try await cluster.logIn()
            let after = try await cluster.load(calm, seconds: Self.peakSeconds / 2, connections: Self.peakConnections)
            report.calmAfter = try #require(after["latency_ms"]["p99"].double)
            report.failedAfterwards =
                Int(try #require(after["failed"].integer)) + Int(try #require(after["refused"].integer))
        }
        return report
    }

    private static func press(_ cluster: LocalCluster, _ report: inout Report) async throws {
        report.asked = report.peak * factor
        let rate = "\(Int(report.asked))"
        let stop = StopSign()
        try await withThrowingTaskGroup(of: Looks.self) { group in
            for node in cluster.nodes { group.addTask { try await look(at: node.url, of: cluster, until: stop) } }
            let timing = try await cluster.timing(seconds: seconds)
            let (ofNodes, ofClients) = (try Processor.ofNodes(cluster), Processor.ofEndedChildren)
            let load = try await cluster.load(rate, seconds: seconds, connections: connections)
            report.nodesLoad = (try Processor.ofNodes(cluster) - ofNodes) / Double(seconds)
            report.clientsLoad = (Processor.ofEndedChildren - ofClients) / Double(seconds)
            await stop.set()
            _ = try await timing.exit()
            let timed = try JSON(try timing.said)
            report.timed = Int(try #require(timed["refused"].integer))
            report.refusalP50 = try #require(timed["refusal_ms"]["p50"].double)
            report.refusalP99 = try #require(timed["refusal_ms"]["p99"].double)
            report.refusalMax = try #require(timed["refusal_ms"]["max"].double)
            // What the load was late with, it asked for afterwards.
            report.accepted = try #require(load["rate_achieved"].double)
            report.refused = Int(try #require(load["refused"].integer))
            report.unsent = Int(try #require(load["unsent"].integer))
            report.failed = Int(try #require(load["failed"].integer)) - report.unsent
            for try await looks in group {
                report.looks += looks.refused
                report.unclear += looks.unclear
                report.memoryMax = max(report.memoryMax, looks.memoryMax)
            }
        }
    }

    private struct Looks {
        var refused = 0
        var unclear = 0
        var memoryMax = 0
    }

    /// Orders some times a second, which leaves the machine to the load, and writes down how clearly it is refused.
    private static func look(at url: String, of cluster: LocalCluster, until stop: StopSign) async throws -> Looks {
        var looks = Looks()
        var count = 0
        while await stop.since == nil {
            count += 1
            let answer = try await Answer.of(
                .POST, "\(url)/api/v1/orders", token: await cluster.token, key: "look-\(url)-\(count)",
                body: #"{"items":[{"sku":"BENCH-000001","quantity":1},{"sku":"BENCH-000002","quantity":1}]}"#)
            if [429, 503].contains(answer.status) {
                looks.refused += 1
                if answer.headers.first(name: "Retry-After") == nil { looks.unclear += 1 }
            }
            looks.memoryMax = max(looks.memoryMax, try memory(of: cluster))
            try await Task.sleep(for: .milliseconds(200))
        }
        return looks
    }

    /// Megabytes that the largest node has in memory.
    static func memory(of cluster: LocalCluster) throws -> Int {
        try cluster.nodes.map { try memory(ofProcess: cluster.pid(of: $0.id)) }.max() ?? 0
    }

    /// Megabytes that a process has in memory.
    static func memory(ofProcess pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
    }
}

extension LocalCluster {
    /// A few orders a second on all nodes, by a client that has the processor whenever it wants: what it times is what
    /// the nodes take, and not how long it was kept from looking.
    fileprivate func timing(seconds: Int) throws -> ChildProcess {
        let program = try ChildProcess.binaries().appending(path: "cloudretail").path
        return try ChildProcess(
            "/usr/bin/nice",
            [
                "-n", "-10", program, "bench", "orders", "--rate", "60", "--duration", "\(seconds)",
                "--connections", "30", "--json",
            ] + nodes.flatMap { ["--url", $0.url] } + ["--token-file", tokenFile], in: folder)
    }
}
