import Cluster
import Consensus
import EventSourcing

/// The person who runs the cluster: replaces a node whose disk cannot be trusted by one under a new name, now and then
/// one that is well, moves leaderships, and has one node after the other run a newer program.
final class Operator {
    /// How often it looks.
    private static let pause = Duration.milliseconds(250)

    private unowned let world: World
    private var random: Generator
    private var replacement: Replacement?

    /// A node on its way out, and the one that takes its place.
    private struct Replacement {
        let old: SimulatedNode
        let new: SimulatedNode
    }

    init(world: World) {
        self.world = world
        random = world.random.split()
    }

    /// Whether a node is being replaced, or has to be.
    var isBusy: Bool { replacement != nil || world.nodes.contains { $0.isDamaged && !$0.isRemoved } }

    /// Whether a node is still to run the newest program.
    var isUpgrading: Bool { world.nodes.contains { $0.program < .newest && !$0.isRemoved } }

    func start() { planNext() }

    private func planNext() {
        world.plan(after: Self.pause, "operator") { [self] in
            look()
            planNext()
        }
    }

    private func look() {
        if let replacement { return pursue(replacement) }
        let members = world.nodes.filter { !$0.isRemoved }
        if let damaged = members.first(where: \.isDamaged) { return replace(damaged) }
        if world.strikes(.membershipChange, rate: 0.05) { return replace(random.pick(members)) }
        let outdated = members.filter { $0.program < .newest }
        // When nothing goes wrong any more, the next one waits for the one before.
        let isNext = world.isHealed ? members.allSatisfy(\.isUp) : world.strikes(.upgrade, rate: 0.1)
        if isNext, let node = outdated.randomly(&random) { return upgrade(node) }
        if world.strikes(.compaction, rate: 0.2) { compact(random.pick(members)) }
        if world.strikes(.leaderTransfer, rate: 0.15) { transferLeadership() }
    }

    /// Has a node run the newest program.
    func upgrade(_ node: SimulatedNode) {
        world.trace("upgrade", node.id.rawValue)
        node.program = .newest
        guard node.isUp else { return }
        node.crash()
        world.planRestart(of: node)
    }

    private func transferLeadership() {
        let shard = random.below(world.shardCount)
        guard let journal = leader(of: shard),
            let target = world.nodes.filter({ !$0.isRemoved }).map(\.id).randomly(&random)
        else { return }
        world.trace("transfer", UInt64(shard), target.rawValue)
        journal.transferLeadership(to: target)
    }

    /// Has another member lead a shard for a while, and then `node` again.
    func borrowLeadership(of shard: Int, from node: SimulatedNode, for duration: Duration) {
        let others = world.nodes.filter { $0 !== node && !$0.isRemoved && $0.isUp }.map(\.id)
        guard let target = others.randomly(&random) else { return }
        node.process?.journals[shard].transferLeadership(to: target)
        world.plan(after: duration, "leads again", node.id.rawValue) { [self] in
            leader(of: shard)?.transferLeadership(to: node.id)
        }
    }

    /// Saves everything that the node knows, so that all of its log may go but what is kept for those that lag.
    private func compact(_ node: SimulatedNode) {
        guard let process = node.process, !node.isPaused else { return }
        world.trace("compact", node.id.rawValue)
        process.saveAll()
    }

    private func leader(of shard: Int) -> ReplicatedJournal? {
        world.nodes.compactMap { node in node.isPaused ? nil : node.process?.journals[shard] }
            .filter { $0.status.role == .leader }.max { $0.status.hardState.term < $1.status.hardState.term }
    }

    // MARK: - Replacing

    private func replace(_ old: SimulatedNode) {
        let new = world.addNode()
        world.trace("replace", old.id.rawValue, new.id.rawValue)
        replacement = Replacement(old: old, new: new)
        new.start()
    }

    /// Takes the next step on every shard: the new node learns, then votes in place of the old one.
    private func pursue(_ replacement: Replacement) {
        let (old, new) = (replacement.old, replacement.new)
        var isDone = true
        for shard in 0..<world.shardCount {
            guard let journal = leader(of: shard) else {
                isDone = false
                continue
            }
            let step = MembershipGoal(adding: new.id, removing: old.id).step(journal.status)
            guard step != .done else { continue }
            isDone = false
            switch step {
            case .done, .wait: break
            case .transferLeadership(let node): journal.transferLeadership(to: node)
            // What is refused now is tried again at the next look.
            case .propose(let change): _ = try? journal.propose(change)
            }
        }
        guard isDone else { return }
        self.replacement = nil
        world.trace("replaced by", old.id.rawValue, new.id.rawValue)
        old.remove()
    }
}

extension Array {
    fileprivate func randomly(_ random: inout Generator) -> Element? { isEmpty ? nil : random.pick(self) }
}
