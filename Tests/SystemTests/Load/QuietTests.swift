import Foundation
import Testing

extension SystemTests {
    /// `tools/failover --quiet-minutes` looks for as long as it is told to.
    @Suite(
        "Three nodes at most of what they can do", .enabled(if: Quiet.minutes > 0, "it measures"),
        .timeLimit(.minutes(10 + 2 * Quiet.minutes)))
    struct QuietTests {
        @Test("keep their leader as long as nothing fails")
        func quiet() async throws {
            let quiet = try await Quiet().run()
            print("quiet: \(quiet)")
            #expect(quiet.elections == 0, "\(quiet)")
        }
    }
}

/// Loads a cluster with a share of its peak, and counts the elections that nothing gave reason for.
struct Quiet {
    static let minutes = KillHunt.setting("QUIET_MINUTES") ?? 0
    /// Of the peak.
    private static let share = 0.8
    private static let connections = 64
    private static let skus = 1_000
    /// One load after the other, each shorter than the life of a token.
    private static let loadSeconds = minutes > 0 ? 60 : 2
    private static let peakSeconds = minutes > 0 ? 15 : 2

    struct Report: CustomStringConvertible {
        let peak: Double
        var orders = 0
        var seconds = 0
        var elections = 0
        var worstP99 = 0.0

        var description: String {
            "\(elections) elections in \(seconds) s at \(Int(peak * Quiet.share)) orders/s, 80 % of the peak of "
                + "\(Int(peak)); \(orders) orders placed, the highest p99 of a minute \(Int(worstP99)) ms"
        }
    }

    func run() async throws -> Report {
        var report: Report?
        try await LocalCluster.with(catalogue: LocalShop.emptyCatalogue, payment: "in-process") { cluster in
            try await cluster.bench("prepare", "--skus", "\(Self.skus)")
            let peak = try await cluster.load("max", seconds: Self.peakSeconds, connections: Self.connections)
            var quiet = Report(peak: try #require(peak["rate_achieved"].double))
            let before = try await cluster.terms()
            for _ in 0..<max(1, Self.minutes) {
                try await cluster.logIn()
                let load = try await cluster.load(
                    "\(Int(quiet.peak * Self.share))", seconds: Self.loadSeconds, connections: Self.connections)
                quiet.orders += Int(try #require(load["succeeded"].integer))
                quiet.seconds += Self.loadSeconds
                quiet.worstP99 = max(quiet.worstP99, try #require(load["latency_ms"]["p99"].double))
                quiet.elections = zip(before, try await cluster.terms()).reduce(0) { $0 + Int($1.1 - $1.0) }
                if Self.minutes > 0 { print("quiet: \(quiet)") }
            }
            report = quiet
        }
        return try #require(report)
    }
}

extension LocalCluster {
    /// The term of each shard.
    nonisolated func terms() async throws -> [Int64] {
        try JSON(try await cluster("status", "--json"))["shards"].elements.map { try #require($0["term"].integer) }
    }

    /// `cloudretail bench …` on all nodes.
    @discardableResult
    func bench(_ arguments: String...) async throws -> String {
        try await ChildProcess.run(
            "cloudretail", ["bench"] + arguments + nodes.flatMap { ["--url", $0.url] } + ["--token-file", tokenFile],
            in: folder)
    }

    /// Orders of two lines, at a rate or as fast as they are answered; what the load met with.
    func load(_ rate: String, seconds: Int, connections: Int) async throws -> JSON {
        let bench = try ChildProcess(
            "cloudretail",
            ["bench", "orders", "--rate", rate, "--duration", "\(seconds)", "--connections", "\(connections)", "--json"]
                + nodes.flatMap { ["--url", $0.url] } + ["--token-file", tokenFile], in: folder)
        // It ends with 1 when a request failed; the report says how many.
        _ = try await bench.exit()
        return try JSON(try bench.said)
    }
}
