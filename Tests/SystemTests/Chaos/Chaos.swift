import Foundation
import Testing

/// Rounds of clients and faults on one cluster, one after the other.
struct Chaos {
    /// Whether the network between the nodes is maltreated, or else the nodes come and go.
    let hasNetwork: Bool

    static let nodes = KillHunt.setting("CHAOS_NODES") ?? 3
    static let minutes = KillHunt.setting("CHAOS_MINUTES") ?? 0
    static let seed = UInt64(KillHunt.setting("CHAOS_SEED") ?? Int.random(in: 0..<1_000_000))
    /// Those of a long run: all but for a few that are named.
    private static let named = ProcessInfo.processInfo.environment["CHAOS_FAULTS"].map { names in
        names.split(separator: ",").compactMap { Fault(rawValue: String($0)) }
    } ?? Fault.allCases
    /// Of a short run.
    private static let faultsOfEachSort = 2
    private static let roundLength = Duration.seconds(30)

    /// Those that strike one of the two clusters.
    private static func faults(hasNetwork: Bool) -> [Fault] {
        named.filter { hasNetwork ? !$0.changesMembers : !$0.isOfNetwork }
    }

    /// Whether a fault is wanted that strikes no other cluster.
    static func isWanted(hasNetwork: Bool) -> Bool { named.contains { $0.changesMembers != hasNetwork } }

    /// Both share the time.
    private static var length: Duration {
        .seconds(60 * minutes) / [true, false].count { isWanted(hasNetwork: $0) }
    }

    /// - Throws: `ChaosRound.Violation`; then the cluster's folder is left, with all that the nodes and clients know.
    func run() async throws -> String {
        let end = ContinuousClock.now + Self.length
        var total = ChaosRound.Outcome()
        var charges = ""
        try await LocalCluster.with(
            nodes: Self.nodes, catalogue: LocalShop.emptyCatalogue, hasNetwork: hasNetwork, hasMachines: true
        ) { cluster in
            print("chaos: \(Self.nodes) nodes in \(cluster.base), seed \(Self.seed)")
            var number = 0
            repeat {
                let round = ChaosRound(cluster: cluster, number: number, seed: Self.seed &+ UInt64(number))
                total.add(try await round.run(faults))
                number += 1
                if Self.minutes > 0 { print("chaos: \(number) rounds: \(total)") }
            } while ContinuousClock.now < end
            charges = try await Self.judgeCharges(of: total, at: cluster)
            try await SystemTests.ClusterTests.atRest(cluster)
        }
        return "\(total); \(charges)"
    }

    private func faults(_ nemesis: inout Nemesis) async throws {
        if Self.minutes > 0 {
            return try await nemesis.strike(
                until: .now + Self.roundLength, with: Self.faults(hasNetwork: hasNetwork))
        }
        guard hasNetwork else { return try await nemesis.strike(times: 1, with: [.replacement]) }
        try await nemesis.strike(times: Self.faultsOfEachSort, with: Fault.ofProcesses)
        try await nemesis.strike(times: Self.faultsOfEachSort, with: Fault.ofNetwork)
    }

    /// Every order that a client was told of as placed was charged once, and none that was rejected.
    private static func judgeCharges(of total: ChaosRound.Outcome, at cluster: LocalCluster) async throws -> String {
        try await cluster.logIn()
        try await cluster.settle()
        var charged: [String: Int] = [:]
        for charge in try await cluster.ledger()["charges"].elements where charge["status"] == .string("succeeded") {
            charged[try #require(charge["order_id"].string), default: 0] += 1
        }
        let wrong = charged.filter { $0.value > 1 || total.rejected.contains($0.key) }.map(\.key)
            + total.placed.filter { charged[$0] == nil }
        guard wrong.isEmpty else { throw ChaosRound.Violation(description: "charged wrongly: \(wrong)") }
        return "\(charged.count) charges, each of one order"
    }
}

extension ChaosRound.Outcome: CustomStringConvertible {
    mutating func add(_ other: Self) {
        faults.add(other.faults)
        operations += other.operations
        unanswered += other.unanswered
        placed.formUnion(other.placed)
        rejected.formUnion(other.rejected)
    }

    var description: String {
        "\(faults); \(operations) operations judged, \(unanswered) of them without an answer, "
            + "\(placed.count) orders acknowledged, \(rejected.count) told to be rejected for their payment"
    }
}
