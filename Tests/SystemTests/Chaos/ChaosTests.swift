import Foundation
import Testing

extension SystemTests {
    /// A share of what `tools/chaos` does for as long as it is told to.
    @Suite("Nodes that are killed, stopped and paused", .timeLimit(.minutes(10 + 2 * Chaos.minutes)))
    struct ChaosTests {
        @Test("never show a client what no single shop could")
        func chaos() async throws {
            print("chaos: \(Chaos.nodes) nodes, seed \(Chaos.seed)")
            try await Chaos().run()
        }
    }
}

/// Rounds of clients and faults on one cluster, one after the other.
struct Chaos {
    static let nodes = KillHunt.setting("CHAOS_NODES") ?? 3
    static let minutes = KillHunt.setting("CHAOS_MINUTES") ?? 0
    static let seed = UInt64(KillHunt.setting("CHAOS_SEED") ?? Int.random(in: 0..<1_000_000))
    /// Of a short run.
    private static let faults = 4
    private static let roundLength = Duration.seconds(30)

    func run() async throws {
        let end = ContinuousClock.now + .seconds(60 * Self.minutes)
        var total = ChaosRound.Outcome()
        try await LocalCluster.with(nodes: Self.nodes, catalogue: LocalShop.emptyCatalogue) { cluster in
            var number = 0
            repeat {
                let round = ChaosRound(cluster: cluster, number: number, seed: Self.seed &+ UInt64(number))
                let outcome = try await round.run { nemesis in
                    if Self.minutes == 0 {
                        try await nemesis.strike(times: Self.faults)
                    } else {
                        try await nemesis.strike(until: .now + Self.roundLength)
                    }
                }
                total.add(outcome)
                number += 1
                print("chaos: \(number) rounds, \(total)")
            } while ContinuousClock.now < end
            try await atRest(cluster)
        }
    }

    /// No customer was charged twice, each node's log is sound, and all say the same.
    private func atRest(_ cluster: LocalCluster) async throws {
        try await cluster.logIn()
        try await cluster.settle()
        #expect(try await cluster.ledgerSummary()["orders_charged_more_than_once"] == .integer(0))
        for node in cluster.nodes { try await cluster.command("stop", node.id) }
        for node in cluster.nodes {
            let verified = try await cluster.verify(node.id)
            #expect(verified["ok"] == .boolean(true), "node \(node.id): \(verified)")
        }
        let compared = try JSON(try await cluster.cluster("compare", "--json"))
        #expect(compared["equal"] == .boolean(true), "\(compared)")
    }
}

extension ChaosRound.Outcome: CustomStringConvertible {
    mutating func add(_ other: Self) {
        faults.add(other.faults)
        operations += other.operations
        unanswered += other.unanswered
        placed += other.placed
    }

    var description: String {
        "\(faults); \(operations) operations, \(placed) orders placed, \(unanswered) operations without an answer"
    }
}

extension Nemesis.Tally {
    mutating func add(_ other: Self) {
        kills += other.kills
        killsOfAll += other.killsOfAll
        stops += other.stops
        pauses += other.pauses
    }
}
