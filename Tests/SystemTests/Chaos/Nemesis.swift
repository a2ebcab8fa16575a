import Foundation
import Testing

/// Maltreats the nodes of a cluster and their network at random, one fault after the other, and mends each.
struct Nemesis {
    let cluster: LocalCluster
    var generator: SplitMix
    private(set) var tally = Fault.Tally()

    /// Between two faults, and from a fault until it is mended.
    private static let peaceMilliseconds = 200...2_000
    private static let faultMilliseconds = 100...3_000
    private static let pauseMilliseconds = 100...8_000
    /// Of a fault of the network: from less than an election takes to more than a connection outlives.
    private static let cutMilliseconds = 200...8_000
    private static let delayMilliseconds: ClosedRange<Int64> = 20...120
    private static let lossPercent = 30
    /// A throttled node runs for the first of every such stretch, and not for the rest of it.
    private static let (runs, waits) = (Duration.milliseconds(20), Duration.milliseconds(80))
    /// Up to what is no longer believed of a token's times, and beyond what a retry takes.
    private static let clockMicroseconds: ClosedRange<Int64> = -600_000_000...600_000_000
    private static let flushMicroseconds: ClosedRange<Int64> = 2_000...200_000
    /// What a flush or a write ends with, and how long a node may take to meet with it and to end.
    private static let diskErrors = [EIO, ENOSPC, EROFS]
    private static let lastWords = Duration.seconds(30)
    private static let flipsMax = 64
    /// The first two pages say where all others are, and nothing in them shows that a bit is another.
    private static let flipsFrom: UInt64 = 2 * 4_096

    init(_ cluster: LocalCluster, seed: UInt64) {
        self.cluster = cluster
        generator = SplitMix(state: seed)
    }

    mutating func strike(times: Int, with faults: [Fault] = Fault.ofProcesses) async throws {
        for _ in 0..<times {
            try await sleep(Self.peaceMilliseconds)
            try await strike(draw(faults))
        }
    }

    mutating func strike(until end: ContinuousClock.Instant, with faults: [Fault]) async throws {
        while ContinuousClock.now < end {
            try await sleep(Self.peaceMilliseconds)
            try await strike(draw(faults))
        }
    }

    private mutating func draw(_ faults: [Fault]) -> Fault {
        let faults = faults.filter { fault in
            let hasNetwork = cluster.network != nil
            return (!fault.isOfMachine || cluster.machines != nil) && (!fault.isOfNetwork || hasNetwork)
                && (!fault.changesMembers || !hasNetwork)
        }
        var left = Int.random(in: 0..<faults.reduce(0) { $0 + $1.weight }, using: &generator)
        for fault in faults {
            left -= fault.weight
            if left < 0 { return fault }
        }
        preconditionFailure("the weights add up")
    }

    private mutating func strike(_ fault: Fault) async throws {
        let all = cluster.nodes.map(\.id)
        let leader = try await cluster.leader() ?? all.randomElement(using: &generator)!
        let follower = all.filter { $0 != leader }.randomElement(using: &generator) ?? leader
        let any = all.randomElement(using: &generator)!
        switch fault {
        case .killLeader: try await kill([leader])
        case .killFollower: try await kill([follower])
        case .killAll: try await kill(all)
        case .stop:
            try await cluster.command("stop", any)
            try await mend([any])
        case .pause, .pauseLeader:
            let node = fault == .pause ? any : leader
            try await cluster.command("pause", node)
            try await sleep(Self.pauseMilliseconds)
            try await cluster.command("resume", node)
        case .restartEach:
            for node in all {
                try await cluster.command("stop", node)
                try await cluster.start([node])
            }
        case .starve: try await starve(any)
        case .renewCertificates:
            try await cluster.renewCertificates()
            try await sleep(Self.faultMilliseconds)
        case .clockJump:
            try await spoil(.clockShift, of: any, to: Int64.random(in: Self.clockMicroseconds, using: &generator))
        case .fullDisk: try await spoil(.freeBytes, of: leader, to: 1)
        case .slowDisk:
            try await spoil(.flushDelay, of: any, to: Int64.random(in: Self.flushMicroseconds, using: &generator))
        case .brokenDisk: try await breakDisk(of: any)
        case .flippedBits: try await flipBits(of: any)
        case .replacement:
            try await cluster.command("kill", any)
            try await sleep(Self.faultMilliseconds)
            try await cluster.replace(any)
        default:
            try await spoil(by: fault, leader: leader, follower: follower)
        }
        tally.add(fault)
    }

    // MARK: - Machines

    private mutating func spoil(_ field: NodeMachines.Field, of node: Int, to value: Int64) async throws {
        let machines = try #require(cluster.machines)
        try machines.set(field, of: node, to: value)
        try await sleep(Self.pauseMilliseconds)
        try machines.set(field, of: node, to: 0)
    }

    /// A node that goes on behind a flush that has failed could tell of what it does not have.
    private mutating func breakDisk(of node: Int) async throws {
        let machines = try #require(cluster.machines)
        let field: NodeMachines.Field = Bool.random(using: &generator) ? .flushError : .writeError
        let before = try machines.value(.struck, of: node)
        let error = field == .flushError ? EIO : Self.diskErrors.randomElement(using: &generator)!
        try machines.set(field, of: node, to: Int64(error))
        let end = ContinuousClock.now + Self.lastWords
        while try await cluster.isRunning(node) {
            guard ContinuousClock.now < end else {
                let failed = try machines.value(.struck, of: node) - before
                guard failed == 0 else {
                    throw ChaosRound.Violation(
                        description: "node \(node) goes on after \(failed) times error \(error) of its disk")
                }
                break
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try machines.set(field, of: node, to: 0)
        guard try await !cluster.isRunning(node) else { return }
        // Other threads may still tell of what ends with it.
        let last = try String(contentsOfFile: cluster.node(node).log, encoding: .utf8).split(separator: "\n").suffix(5)
        guard last.contains(where: { $0.contains(String(cString: strerror(error))) }) else {
            let said = last.joined(separator: "\n")
            throw ChaosRound.Violation(description: "node \(node) does not say what its disk said: \(said)")
        }
        try await mend([node])
    }

    /// The node begins with what it does not see, or ends as soon as it does; then its disk is replaced.
    private mutating func flipBits(of node: Int) async throws {
        try await cluster.command("kill", node)
        let file = try FileHandle(forUpdating: URL(filePath: cluster.node(node).dataDirectory + "/data.mdb"))
        let size = try file.seekToEnd()
        for _ in 0..<Int.random(in: 1...Self.flipsMax, using: &generator) {
            let place = UInt64.random(in: Self.flipsFrom..<size, using: &generator)
            try file.seek(toOffset: place)
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: place)
            try file.write(contentsOf: [byte ^ 1 << UInt8.random(in: 0..<8, using: &generator)])
        }
        try file.close()
        try await cluster.command("restart", node, "--no-wait")
        try await sleep(Self.pauseMilliseconds)
        if try await cluster.isRunning(node) { try await cluster.command("kill", node) }
        try await cluster.replace(node)
    }

    // MARK: - Processes

    private mutating func kill(_ nodes: [Int]) async throws {
        for node in nodes { try await cluster.command("kill", node) }
        try await mend(nodes)
    }

    private mutating func starve(_ node: Int) async throws {
        let pid = try cluster.pid(of: node)
        let end = ContinuousClock.now + .milliseconds(Int.random(in: Self.cutMilliseconds, using: &generator))
        defer { Foundation.kill(pid, SIGCONT) }
        while ContinuousClock.now < end {
            Foundation.kill(pid, SIGSTOP)
            try await Task.sleep(for: Self.waits)
            Foundation.kill(pid, SIGCONT)
            try await Task.sleep(for: Self.runs)
        }
    }

    private mutating func mend(_ nodes: [Int]) async throws {
        try await sleep(Self.faultMilliseconds)
        try await cluster.start(nodes)
    }

    private mutating func sleep(_ milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: milliseconds, using: &generator)))
    }

    // MARK: - The network

    private mutating func spoil(by fault: Fault, leader: Int, follower: Int) async throws {
        let network = try #require(cluster.network)
        let (condition, ways) = damage(fault, network, leader: leader, follower: follower)
        try await network.set(condition, on: ways)
        try await sleep(Self.cutMilliseconds)
        try await network.mend()
    }

    private mutating func damage(
        _ fault: Fault, _ network: NodeNetwork, leader: Int, follower: Int
    ) -> (NodeNetwork.Condition, [NodeNetwork.Way]) {
        let between = [NodeNetwork.Way(from: leader, to: follower), .init(from: follower, to: leader)]
        return switch fault {
        case .cutOffLeader: (.cut, network.ways(of: leader))
        case .cutOffFollower: (.cut, network.ways(of: follower))
        case .muteLeader: (.cut, network.ways.filter { $0.from == leader })
        case .deafLeader: (.cut, network.ways.filter { $0.to == leader })
        case .cutOneWay: (.cut, [between.randomElement(using: &generator)!])
        case .bridge: (.cut, between)
        case .slow: (.slow(Self.delayMilliseconds), network.ways)
        case .lossy: (.lossy(percent: Self.lossPercent), network.ways)
        case .reset: (.refusing, between)
        default: preconditionFailure("\(fault) is no fault of the network")
        }
    }
}
