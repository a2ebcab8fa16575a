import Checkout
import Cluster
import Commerce
import Consensus
import EventSourcing

/// The cluster of a run, as it was drawn.
struct ClusterSettings {
    let nodes: Int
    let shards: Int
    let configuration: ReplicaConfiguration
    /// Entries that stay behind the checkpoint.
    let retainedEntries: Int

    init(_ settings: Settings, _ random: inout Generator) {
        nodes = settings.nodes ?? (random.chance(0.25) ? 5 : 3)
        shards = settings.shards ?? random.within(1...4)
        var configuration = ReplicaConfiguration()
        // The shorter ones make candidates meet.
        configuration.electionTicks = random.pick([3, 10])
        configuration.heartbeatTicks = 1
        // Without it candidates meet more often.
        configuration.preVotes = random.chance(0.5)
        configuration.messageBytesMax = random.pick([1, 1_024, 1 << 20])
        configuration.inFlightMessagesMax = random.pick([2, 16, 256])
        configuration.applyingBytesMax = random.pick([4_096, 1 << 20])
        configuration.uncommittedBytesMax = random.pick([64 << 10, 1 << 20])
        #if PLANTED_BUGS
            configuration.mistakes = settings.bugs.ofConsensus
        #endif
        self.configuration = configuration
        retainedEntries = random.pick([0, 4, 64])
    }
}

extension World {
    /// A process dies at one of so many effects, where crashes are at their worst.
    static let crashesPerEffect = 1.0 / 1_500
    /// Just after it has given its vote, which it must not forget, or has sent on what an earlier leader left.
    static let crashesPerDelicateMessage = 0.3
    /// How long a dead process stays dead.
    private static let restartDelay = (Duration.milliseconds(50), Duration.seconds(3))
    /// A supervisor of processes starts one again so quickly that the election that it voted in is still going on.
    private static let restartDelayShort = (Duration.milliseconds(1), Duration.milliseconds(20))

    var shardCount: Int { cluster.shards }
    var configuration: ReplicaConfiguration { cluster.configuration }
    var retainedEntries: Int { cluster.retainedEntries }
    var tickLength: Duration { .milliseconds(100) }

    /// Short limits, so that every one of them is met in the few seconds of a run.
    var policy: CheckoutPolicy {
        var policy = CheckoutPolicy()
        policy.attemptMax = .seconds(3)
        policy.paymentWindow = .seconds(8)
        policy.duplicateWaitMax = .seconds(2)
        policy.reconcileInterval = .milliseconds(400)
        policy.reconcileRestMax = .seconds(2)
        // Half of the orders are past it, and are given up as soon as may be.
        policy.unknownUnitsMax = 6
        return policy
    }

    /// Brings up the cluster.
    func start() {
        for _ in 0..<cluster.nodes { addNode() }
        for node in nodes { node.start() }
        nemesis.start()
        operations.start()
        attendAll()
    }

    /// A node under a new name, with an empty disk.
    @discardableResult
    func addNode() -> SimulatedNode {
        let founders = NodeSet((1...cluster.nodes).map { NodeID(UInt64($0)) })
        let disk = SimulatedDisk(shards: shardCount, seed: UInt32(truncatingIfNeeded: settings.seed &* 0x9e37_79b9))
        for shard in 0..<shardCount {
            do {
                try disk.perform(ReplicatedJournal.founding(ShardID(UInt16(shard)), members: founders))
            } catch {
                preconditionFailure("a new disk is damaged: \(error)")
            }
        }
        // Once one node runs the newest program, the operator adds no older one.
        let isOld = faults[.upgrade] > 0 && nodes.allSatisfy { $0.program == .first }
        let node = SimulatedNode(
            id: NodeID(UInt64(nodes.count + 1)), world: self, program: isOld ? .first : .newest, disk: disk)
        nodes.append(node)
        return node
    }

    /// Whether the disk of `node` may be damaged: every other copy is good, and no node is being replaced.
    func mayDamage(_ node: SimulatedNode) -> Bool {
        guard !isHealed, !operations.isBusy, !node.isRemoved else { return false }
        if let harmed, harmed !== node, !harmed.isRemoved { return false }
        harmed = node
        return true
    }

    func node(_ id: NodeID) -> SimulatedNode? { nodes.first { $0.id == id } }
    func process(of id: NodeID) -> NodeProcess? { node(id)?.process }

    func planRestart(of node: SimulatedNode) {
        let (shortest, longest) = random.chance(0.4) ? Self.restartDelayShort : Self.restartDelay
        let delay = random.duration(shortest, longest)
        plan(after: delay, "restart", node.id.rawValue) { [weak node] in
            guard let node, !node.isUp, !node.isDamaged, !node.isRemoved else { return }
            node.start()
        }
    }

    /// A replica has stopped for good: the process goes down with it.
    func stopped(_ node: SimulatedNode, _ failure: ReplicaFailure) {
        switch failure {
        case .committedEntryConflict, .acknowledgedEntriesLost: violate("node \(node.id) stopped: \(failure)")
        case .flushFailed, .logUnreadable: break
        }
        node.crash()
        planRestart(of: node)
    }

    /// A node hands a committed entry on.
    func didCommit(_ entry: Entry, of shard: ShardID, on node: NodeID) {
        let isFirst = histories[Int(shard.rawValue)].note(entry)
        if isFirst { trace("commit", UInt64(shard.rawValue), entry.index.rawValue, entry.term.rawValue) }
        observe(.committed(node, shard, entry, isFirst: isFirst))
    }
}

/// Everything that was ever committed on one shard.
struct History {
    private(set) var entries: [Entry] = []

    /// - Returns: whether no node has handed this entry on before.
    mutating func note(_ entry: Entry) -> Bool {
        guard entry.index.rawValue == UInt64(entries.count) + 1 else { return false }
        entries.append(entry)
        return true
    }

    subscript(index: EntryIndex) -> Entry? {
        index.rawValue >= 1 && index.rawValue <= UInt64(entries.count) ? entries[Int(index.rawValue) - 1] : nil
    }

    var last: EntryIndex { EntryIndex(UInt64(entries.count)) }
}
