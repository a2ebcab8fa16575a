import Foundation
import Testing

/// Kills a node, and in every other round the payment provider too, at random moments while orders come in, starts them
/// again where they were, and then looks whether anybody was told something that is not so.
struct KillHunt {
    /// Kills in all.
    var kills: Int
    var shards: Int
    var seed: UInt64
    var tally = Tally()

    struct Tally: CustomStringConvertible {
        var rounds = 0
        var nodeKills = 0
        var simulatorKills = 0
        var acknowledged = 0
        var replayed = 0
        var charges = 0

        var description: String {
            "\(nodeKills) kills of the node and \(simulatorKills) of the payment provider in \(rounds) rounds: "
                + "\(acknowledged) orders acknowledged to customers and \(replayed) to replays, \(charges) charges; "
                + "none lost, none doubled"
        }
    }

    /// Few, so that the tests stay short; `tools/kill-hunt` sets hundreds.
    static let killsWanted = setting("KILL_HUNT_KILLS") ?? 4
    /// Invoices that a replay places while it is disturbed.
    private static let invoices = setting("KILL_HUNT_INVOICES") ?? 150

    static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// Kills in one round: it ends within the life of a token, and its data directory stays small.
    private static let roundKillsMax = 20
    /// From a start to the kill: from the first requests to a node that has saved its states.
    private static let lifeMilliseconds = 1...2_000
    private static let customers = 3

    mutating func run() async throws {
        var generator = SplitMix(state: seed)
        while tally.nodeKills < kills {
            let count = min(Self.roundKillsMax, kills - tally.nodeKills)
            try await round(count, killsSimulator: tally.rounds % 2 == 1, &generator)
            tally.rounds += 1
            print("kill hunt: \(tally)")
        }
    }

    private mutating func round(_ count: Int, killsSimulator: Bool, _ generator: inout SplitMix) async throws {
        let port = Int.random(in: LocalShop.quietPorts, using: &generator)
        // A provider that cannot be reached lets orders be refused, which a replay takes for failures.
        let (shards, replays) = (shards, !killsSimulator)
        var killer = generator
        var round = Tally()
        try await LocalShop.with(shards: shards, port: port) { shop in
            let customers = Customers(shop)
            let replay = replays ? try await Self.startReplay(shop) : nil
            try await withThrowingTaskGroup(of: Void.self) { group in
                for customer in 0..<Self.customers {
                    group.addTask { try await customers.shopUntilClosed(named: "customer-\(customer)") }
                }
                for _ in 0..<count {
                    try await Task.sleep(for: .milliseconds(Int.random(in: Self.lifeMilliseconds, using: &killer)))
                    if killsSimulator, Bool.random(using: &killer) {
                        try await shop.killSimulator()
                        try await shop.startSimulator()
                        round.simulatorKills += 1
                    }
                    try await shop.killNode()
                    try await shop.startNode()
                    round.nodeKills += 1
                }
                await customers.close()
                try await group.waitForAll()
            }
            if let replay { round.replayed = try await Self.placed(by: replay) }
            round.acknowledged = try await customers.check()
            try await shop.settle()
            let summary = try await shop.ledgerSummary()
            #expect(summary["orders_charged_more_than_once"] == .integer(0))
            round.charges = Int(try #require(summary["charges"].integer))
            let standing = try #require(summary["voided"].integer)
            #expect(try await shop.stopNode() == 0)
            let verified = try await shop.verify()
            #expect(verified["ok"] == .boolean(true), "\(verified)")
            #expect(verified["units_reserved"] == .integer(0))
            // Each charge that stands belongs to an order that has it.
            if standing == 0 { #expect(verified["charges"] == summary["orders_charged"]) }
        }
        tally.nodeKills += round.nodeKills
        tally.simulatorKills += round.simulatorKills
        tally.acknowledged += round.acknowledged
        tally.replayed += round.replayed
        tally.charges += round.charges
        generator = killer
    }

    private static func startReplay(_ shop: LocalShop) async throws -> ChildProcess {
        return try ChildProcess(
            "cloudretail",
            ["replay", try History.path(in: shop.folder), "--url", await shop.url, "--token-file", shop.tokenFile,
                "--limit", "\(invoices)", "--concurrency", "8", "--patience", "600", "--settle", "600", "--json"],
            in: shop.folder)
    }

    /// What the replay placed, once it has reconciled its books with the node's.
    private static func placed(by replay: ChildProcess) async throws -> Int {
        let status = try await replay.exit()
        let said = try replay.said
        let complained = try replay.complained.suffix(2_000)
        #expect(status == 0, "\(said) \(complained)")
        let report = try JSON(said)
        #expect(report["orders_refused"] == .integer(0))
        #expect(report["orders_failed"] == .integer(0))
        #expect(report["reconciliation"]["agrees"] == .boolean(true))
        return Int(try #require(report["orders_placed"].integer))
    }
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
