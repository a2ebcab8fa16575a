import Foundation
import Testing

/// Maltreats the nodes of a cluster at random, one fault after the other, and mends each.
struct Nemesis {
    let cluster: LocalCluster
    var generator: SplitMix
    private(set) var tally = Tally()

    struct Tally: CustomStringConvertible {
        var kills = 0
        var killsOfAll = 0
        var stops = 0
        var pauses = 0
        var description: String {
            "\(kills) kills, \(killsOfAll) of all nodes at once, \(stops) stops, \(pauses) pauses"
        }
    }

    private enum Fault: CaseIterable {
        case killLeader, killAny, killAll, stop, pause
        /// How often of twenty.
        var weight: Int {
            switch self {
            case .killLeader: 6
            case .killAny: 4
            case .killAll: 1
            case .stop: 3
            case .pause: 6
            }
        }
    }

    /// Between two faults, and from a fault until it is mended.
    private static let peaceMilliseconds = 200...2_000
    private static let faultMilliseconds = 100...3_000
    private static let pauseMilliseconds = 100...8_000

    init(_ cluster: LocalCluster, seed: UInt64) {
        self.cluster = cluster
        generator = SplitMix(state: seed)
    }

    mutating func strike(times: Int) async throws {
        for _ in 0..<times {
            try await sleep(Self.peaceMilliseconds)
            try await strike()
        }
    }

    mutating func strike(until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end {
            try await sleep(Self.peaceMilliseconds)
            try await strike()
        }
    }

    private mutating func strike() async throws {
        let all = cluster.nodes.map(\.id)
        let any = all.randomElement(using: &generator)!
        switch fault() {
        case .killLeader:
            try await kill([await cluster.leader() ?? any])
            tally.kills += 1
        case .killAny:
            try await kill([any])
            tally.kills += 1
        case .killAll:
            try await kill(all)
            tally.killsOfAll += 1
        case .stop:
            try await cluster.command("stop", any)
            try await mend([any])
            tally.stops += 1
        case .pause:
            try await cluster.command("pause", any)
            try await sleep(Self.pauseMilliseconds)
            try await cluster.command("resume", any)
            tally.pauses += 1
        }
    }

    private mutating func fault() -> Fault {
        var left = Int.random(in: 0..<Fault.allCases.reduce(0) { $0 + $1.weight }, using: &generator)
        for fault in Fault.allCases {
            left -= fault.weight
            if left < 0 { return fault }
        }
        preconditionFailure("the weights add up")
    }

    private mutating func kill(_ nodes: [Int]) async throws {
        for node in nodes { try await cluster.command("kill", node) }
        try await mend(nodes)
    }

    private mutating func mend(_ nodes: [Int]) async throws {
        try await sleep(Self.faultMilliseconds)
        // Alone, the first of several is not ready.
        if nodes.count > 1 {
            try await cluster.cluster("up", "--detach")
        } else {
            try await cluster.command("restart", nodes[0])
        }
    }

    private mutating func sleep(_ milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: milliseconds, using: &generator)))
    }
}
