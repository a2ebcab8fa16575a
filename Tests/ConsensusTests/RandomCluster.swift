@testable import Consensus

/// Five nodes, three of them members at first, in one thread, driven by one seed through loss, duplication, reordering,
/// partitions, crashes that lose unflushed writes, changes of membership, compaction and transfers.
///
/// What must hold whatever happens is checked at each step and throws `Violation`.
struct RandomCluster {
    private(set) var nodes: [RandomNode] = []
    private var network: [Message] = []
    private var blocked: Set<Link> = []
    private var random: SplitMix64
    private(set) var checks = ClusterChecks()
    private var nextID: UInt64 = 0
    private var isHealed = false
    private let faults: Faults

    private struct Link: Hashable {
        let from: NodeID
        let to: NodeID
    }

    /// Percentages, drawn per seed, so that some runs are rough in one way and smooth in others.
    private struct Faults {
        let loss, duplication, crash, partition, membership, compaction, slowDisk, campaign: Int
        init(_ random: inout SplitMix64) {
            func draw(_ percentMax: Int) -> Int { Int.random(in: 0...percentMax, using: &random) }
            (loss, duplication, crash) = (draw(30), draw(30), draw(20))
            (slowDisk, campaign) = (draw(1) * draw(95), draw(40))
            (partition, membership, compaction) = (draw(30), draw(3), draw(5))
        }
    }

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        faults = Faults(&random)
        var configuration = ReplicaConfiguration()
        configuration.electionTicks = 5
        configuration.preVotes = random.chance(50)
        configuration.checksQuorum = random.chance(50)
        configuration.messageBytesMax = random.chance(50) ? 1 : 200
        configuration.inFlightBytesMax = 300
        configuration.inFlightMessagesMax = Int.random(in: 1...4, using: &random)
        configuration.applyingBytesMax = Int.random(in: 40...400, using: &random)
        configuration.uncommittedBytesMax = 500
        configuration.pendingReadsMax = 10
        for number in 1...5 {
            nodes.append(
                try RandomNode(
                    id: NodeID(UInt64(number)), configuration: configuration,
                    bootstrap: Membership(voters: [NodeID(1), NodeID(2), NodeID(3)])!, seed: seed))
            try nodes[number - 1].start()
        }
    }

    // MARK: Phase one: break things

    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            let node = nodes.randomElement(using: &random)!
            guard node.isUp else {
                if random.chance(20) { try node.start() }
                continue
            }
            if random.chance(faults.crash), random.chance(10) {
                try node.crash(written: Int.random(in: 0...node.writes.count, using: &random))
            } else {
                try act(on: node)
            }
        }
    }

    private mutating func act(on node: RandomNode) throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: node.with { $0.tick() }
        case 8..<12: changeMembership(at: leader ?? node)
        case 12..<35: try handleReady(of: node)
        case 35..<50: if !node.writes.isEmpty, !random.chance(faults.slowDisk) { try flush(node) }
        case 50..<60: if !node.applications.isEmpty { try apply(node) }
        case 60..<85: try deliverAny()
        case 85..<90: propose(at: random.chance(80) ? leader ?? node : node)
        case 90..<93: read(at: random.chance(50) ? leader ?? node : node)
        case 93: if random.chance(10) { node.with { $0.transferLeadership(to: anyID()) } }
        case 94: if random.chance(faults.partition) { repartition() }
        case 95, 96:
            if random.chance(faults.compaction * 10) {
                try node.checkpoint(keeping: Int.random(in: 0...3, using: &random))
            }
        case 97: node.with { $0.reportUnreachable(anyID()) }
        case 98: node.with { $0.reportSnapshot(to: anyID(), isDelivered: random.chance(50)) }
        default:
            if random.chance(10) { node.with { $0.forgetLeader() } }
            if random.chance(faults.campaign) { node.with { $0.campaign() } }
        }
        try checks.check(node)
    }

    private mutating func anyID() -> NodeID { nodes.randomElement(using: &random)!.id }

    private mutating func repartition() {
        blocked = []
        guard random.chance(60) else { return }
        for from in nodes {
            for to in nodes where random.chance(30) { blocked.insert(Link(from: from.id, to: to.id)) }
        }
    }

    private mutating func propose(at node: RandomNode) {
        nextID += 1
        let record = Array("\(nextID)".utf8)
        _ = try? node.with {
            try $0.propose([[UInt8]](repeating: record, count: Int.random(in: 1...3, using: &random)))
        }
    }

    private mutating func read(at node: RandomNode) {
        nextID += 1
        if (try? node.with({ try $0.read(id: nextID) })) != nil { checks.noteRead(nextID) }
    }

    private mutating func changeMembership(at node: RandomNode) {
        guard node.with({ $0.role }) == .leader, random.chance(faults.membership * 10) else { return }
        let kinds: [MembershipChange.Operation.Kind] = [.addVoter, .addVoter, .addLearner, .remove, .update]
        let operations = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            MembershipChange.Operation(kinds.randomElement(using: &random)!, anyID())
        }
        let transitions: [MembershipChange.Transition] = [.automatic, .automatic, .joint, .jointUntilLeft]
        let change = MembershipChange(operations, transition: transitions.randomElement(using: &random)!)
        _ = try? node.with { try $0.propose(change) }
    }

    private var leader: RandomNode? {
        nodes.filter { $0.isUp && $0.with { $0.role } == .leader }.max { $0.with { $0.term } < $1.with { $0.term } }
    }

    // MARK: Work

    private mutating func handleReady(of node: RandomNode) throws {
        guard node.with({ $0.hasReady }) else { return }
        let (messages, reads) = node.takeReady()
        for read in reads { try checks.check(read) }
        try send(messages, from: node)
    }

    private mutating func flush(_ node: RandomNode) throws {
        if node.writes[0].snapshot != nil { checks.counts.snapshots += 1 }
        try send(try node.flush(), from: node)
    }

    private mutating func apply(_ node: RandomNode) throws {
        try node.apply { try checks.check(applied: $0, by: node.id) }
    }

    private mutating func send(_ messages: [Message], from node: RandomNode) throws {
        for message in messages {
            try checks.check(message, from: node)
            let isBlocked = blocked.contains(Link(from: node.id, to: message.to))
            guard isHealed || !isBlocked && !random.chance(faults.loss) else { continue }
            network.append(message)
            if !isHealed, random.chance(faults.duplication) { network.append(message) }
        }
    }

    private mutating func deliverAny() throws {
        guard !network.isEmpty else { return }
        // Mostly in order, sometimes far from it.
        let span = random.chance(80) ? min(3, network.count) : network.count
        let message = network.remove(at: Int.random(in: 0..<span, using: &random))
        try deliver(message)
    }

    private func deliver(_ message: Message) throws {
        let node = nodes[Int(message.to.rawValue) - 1]
        guard node.isUp else { return }
        try? node.with { try $0.step(message) }
        if isHealed, case .installSnapshot = message.body {
            nodes[Int(message.from.rawValue) - 1].with { $0.reportSnapshot(to: message.to, isDelivered: true) }
        }
        if let failure = node.with({ $0.failure }) { throw Violation("\(node.id) stopped: \(failure)") }
    }

    // MARK: Phase two: heal, and require progress

    /// Without faults everything that lives must come to the same end, and take a new proposal.
    ///
    /// - Parameter patience: for how many rounds at most nothing may be written or applied anywhere.
    mutating func settle(patience: Int) throws {
        isHealed = true
        for node in nodes where !node.isUp { try node.start() }
        // A shell reports how every transfer of a snapshot ends; those of phase one are lost.
        for node in nodes { for other in nodes { node.with { $0.reportSnapshot(to: other.id, isDelivered: false) } } }
        var isProposed = false
        var before: UInt64 = 0
        var idleRounds = 0
        while idleRounds < patience {
            let now = nodes.reduce(0) { $0 + $1.applied.rawValue + $1.log.lastIndex.rawValue }
            idleRounds = now == before ? idleRounds + 1 : 0
            before = now
            for node in nodes {
                node.with { $0.tick() }
                while node.with({ $0.hasReady }) || !node.writes.isEmpty || !node.applications.isEmpty {
                    try handleReady(of: node)
                    while !node.writes.isEmpty { try flush(node) }
                    while !node.applications.isEmpty { try apply(node) }
                }
                try checks.check(node)
            }
            let batch = network
            network = []
            for message in batch { try deliver(message) }
            if isProposed, isSettled { return }
            guard let leader = leader else { continue }
            try leader.checkpoint(keeping: 0)
            let status = leader.with { $0.status }
            if status.membership.isJoint {
                guard status.applied == status.last else { continue }
                _ = try? leader.with { try $0.propose(.leaveJoint) }
            } else if !isProposed, case .appended? = try? leader.with({ try $0.propose([[1]]) }) {
                isProposed = true
            }
        }
        throw Violation("no progress: " + nodes.map { "\($0.with { $0.status })" }.joined(separator: "\n"))
    }

    /// Whether every member of the leader's group has applied the same, and no change is under way.
    private var isSettled: Bool {
        guard let leader else { return false }
        let status = leader.with { $0.status }
        return status.applied >= checks.lastIndex && !status.membership.isJoint
            && nodes.allSatisfy { !status.membership.nodes.contains($0.id) || $0.applied >= checks.lastIndex }
    }
}
