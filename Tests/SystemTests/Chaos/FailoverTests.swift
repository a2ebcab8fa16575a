import Foundation
import NIOCore
import Testing

extension SystemTests {
    /// How long a shop does not sell when the leader of its shard is killed. `tools/failover` measures it on a hundred.
    @Suite("The leader killed", .timeLimit(.minutes(10 + Failover.kills / 6))) struct FailoverTests {
        @Test("costs a pause and no order")
        func failover() async throws {
            let pauses = try await Failover().run()
            print("failover: \(Failover.text(pauses))")
            #expect(pauses.count == Failover.kills)
            #expect(try #require(pauses.max()) < Failover.worst)
        }

        @Test("costs a pause when it is stopped and not killed: its connections stand, and clients are patient")
        func standingStill() async throws {
            let failover = Failover(signal: SIGSTOP, kills: Failover.stops, attemptLimit: .seconds(60))
            let pauses = try await failover.run()
            print("leader stopped: \(Failover.text(pauses))")
            // Links notice a silent peer after four seconds: calls are given up before.
            #expect(try #require(pauses.max()) < .milliseconds(3_500))
        }
    }
}

/// Kills the leader again and again while clients of the other nodes order, and measures the time from each kill to the
/// first order that was asked for and acknowledged after it.
struct Failover {
    static let kills = KillHunt.setting("FAILOVER_KILLS") ?? 3
    static let stops = KillHunt.setting("FAILOVER_STOPS") ?? 1
    /// How long a leader that is stopped stands still.
    private static let standstill = Duration.seconds(10)
    /// What a debug build on a busy machine may take.
    static let worst = Duration.seconds(KillHunt.setting("FAILOVER_WORST_SECONDS") ?? 10)
    /// Moderate load: so many clients, each with a pause after each order.
    private static let clients = 6
    private static let pause = Duration.milliseconds(20)
    /// Between a restart and the next kill: the node that came back has caught up.
    private static let peace = Duration.seconds(2)

    /// SIGKILL or SIGSTOP.
    var signal = SIGKILL
    var kills = Failover.kills
    /// How long a client waits for one answer.
    var attemptLimit = TimeAmount.milliseconds(1_000)

    func run() async throws -> [Duration] {
        var pauses: [Duration] = []
        try await LocalCluster.with { cluster in
            for number in 0..<kills {
                let leader = try await cluster.knownLeader()
                let pause = try await self.pause(after: leader, of: cluster, number)
                pauses.append(pause)
                print("failover: \(number + 1): \(Self.milliseconds(pause)) ms")
                if signal == SIGSTOP {
                    try await Task.sleep(for: Self.standstill - pause)
                    try await cluster.command("resume", leader)
                } else {
                    try await cluster.command("restart", leader)
                }
                try await Task.sleep(for: Self.peace)
            }
            try await SystemTests.ClusterTests.atRest(cluster)
        }
        return pauses
    }

    private func pause(after leader: Int, of cluster: LocalCluster, _ number: Int) async throws -> Duration {
        let survivors = cluster.nodes.filter { $0.id != leader }
        let acknowledgements = Acknowledgements()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<Self.clients {
                let node = survivors[client % survivors.count]
                group.addTask {
                    try await order(
                        cluster, at: node.url, named: "failover-\(number)-\(client)", telling: acknowledgements)
                }
            }
            try await Task.sleep(for: .seconds(1))
            let pid = try cluster.pid(of: leader)
            let killed = ContinuousClock.now
            kill(pid, signal)
            let first = try await acknowledgements.first(after: killed)
            group.cancelAll()
            return first - killed
        }
    }

    private func order(
        _ cluster: LocalCluster, at url: String, named name: String, telling acknowledgements: Acknowledgements
    ) async throws {
        var count = 0
        while !Task.isCancelled {
            count += 1
            let begin = ContinuousClock.now
            // A key is repeated until it is answered, as a client of a shop does.
            while !Task.isCancelled {
                let answer = try? await Answer.of(
                    .POST, "\(url)/api/v1/orders", token: await cluster.token, key: "\(name)-\(count)",
                    body: #"{"items":[{"sku":"TEA","quantity":1},{"sku":"CUP","quantity":1}]}"#, within: attemptLimit)
                if answer?.status == 201 {
                    await acknowledgements.add(asked: begin, answered: .now)
                    break
                }
                // An order that the leader left when it died: its key is told so for ever, and the next one is another.
                if answer?.status == 202 { break }
                if answer?.status == 401 { try? await cluster.logIn() }
                try? await Task.sleep(for: .milliseconds(10))
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    static func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }

    static func text(_ pauses: [Duration]) -> String {
        let sorted = pauses.sorted()
        guard let worst = sorted.last else { return "no kill" }
        let ranks = [("median", 0.5), ("p90", 0.9)].map { name, share in
            "\(name) \(milliseconds(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])) ms"
        }
        return "\(sorted.count) kills: \(ranks.joined(separator: ", ")), worst \(milliseconds(worst)) ms"
    }
}

/// When orders were asked for and acknowledged.
actor Acknowledgements {
    private var acknowledged: [(asked: ContinuousClock.Instant, answered: ContinuousClock.Instant)] = []

    func add(asked: ContinuousClock.Instant, answered: ContinuousClock.Instant) {
        acknowledged.append((asked, answered))
    }

    /// Waits for the first order that was asked for and acknowledged after a moment; when it was acknowledged.
    func first(after moment: ContinuousClock.Instant) async throws -> ContinuousClock.Instant {
        while true {
            if let first = acknowledged.first(where: { $0.answered > moment && $0.asked > moment }) {
                return first.answered
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
