import Consensus
import EventSourcing

/// Makes the faults that last a while or strike out of nowhere. What strikes single messages, flushes and calls is made
/// where those are.
final class Nemesis {
    /// Between two looks at what to do next.
    private static let pause = (Duration.milliseconds(150), Duration.milliseconds(900))
    /// How long what lasts a while lasts.
    private static let short = (Duration.milliseconds(100), Duration.milliseconds(900))
    private static let long = (Duration.milliseconds(500), Duration.seconds(5))
    /// The largest error of a wall clock that is just wrong, and that of one which jumps.
    private static let skewMax = Duration.seconds(60)
    private static let jumpMax = Duration.seconds(6 * 3_600)

    private unowned let world: World
    private var random: Generator
    private var repartitions: UInt64 = 0

    init(world: World) {
        self.world = world
        random = world.random.split()
    }

    func start() {
        for node in world.nodes { skew(node) }
        planNext()
    }

    private func planNext() {
        world.plan(after: random.duration(Self.pause.0, Self.pause.1), "nemesis") { [self] in
            guard !world.isHealed else { return }
            harmNetwork()
            // Before a node goes down: its last tasks run off after this event, and still read what it had stored.
            harmDisks()
            harmNodes()
            planNext()
        }
    }

    /// Long or short.
    private func spell() -> Duration {
        random.chance(0.5) ? random.duration(Self.short.0, Self.short.1) : random.duration(Self.long.0, Self.long.1)
    }

    private var nodes: [SimulatedNode] { world.nodes.filter { !$0.isRemoved } }

    // MARK: - Network

    private func harmNetwork() {
        if world.strikes(.oneWayCut, rate: 0.15) { cutOneWay() }
        if world.strikes(.partition, rate: 0.15) { partition() }
        if world.strikes(.bridge, rate: 0.1) { bridge() }
    }

    private func cutOneWay() {
        let (from, to) = (random.pick(nodes).id, random.pick(nodes).id)
        guard from != to else { return }
        cut("cut", for: spell()) { $0 == from && $1 == to }
    }

    /// Two sides that do not hear each other.
    private func partition() {
        let side = nodes.map(\.id).filter { _ in random.chance(0.5) }
        cut("partition", for: spell()) { side.contains($0) != side.contains($1) }
    }

    /// Two sides that share one node.
    private func bridge() {
        let shared = random.pick(nodes).id
        let side = nodes.map(\.id).filter { $0 != shared && random.chance(0.5) }
        cut("bridge", for: spell()) { $0 != shared && $1 != shared && side.contains($0) != side.contains($1) }
    }

    /// Replaces the cuts that there are by those that `isCut` names; they are mended after a while.
    private func cut(_ label: StaticString, for duration: Duration, _ isCut: (NodeID, NodeID) -> Bool) {
        world.network.mendAll()
        for from in nodes {
            for to in nodes where isCut(from.id, to.id) { world.network.setCut(true, from: from.id, to: to.id) }
        }
        world.trace(label)
        repartitions += 1
        let number = repartitions
        world.plan(after: duration, "mend", number) { [self] in
            if number == repartitions { world.network.mendAll() }
        }
    }

    // MARK: - Nodes

    private func skew(_ node: SimulatedNode) {
        guard world.strikes(.clockSkew) else { return }
        node.clockError = random.duration(.zero - Self.skewMax, Self.skewMax)
    }

    private func harmNodes() {
        let node = random.pick(nodes)
        if world.strikes(.crash, rate: 0.1), node.isUp {
            node.crash()
            world.planRestart(of: node)
        }
        if world.strikes(.pause, rate: 0.2), node.isUp, !node.isPaused {
            node.pause()
            world.plan(after: spell(), "resume", node.id.rawValue) { node.resume() }
        }
        if world.strikes(.slowNode, rate: 0.2), node.slowness == 1 {
            node.slowness = random.within(2...30)
            world.plan(after: spell(), "quick again", node.id.rawValue) { node.slowness = 1 }
        }
        if world.strikes(.clockJump, rate: 0.1) {
            node.clockError = random.duration(.zero - Self.jumpMax, Self.jumpMax)
        }
    }

    // MARK: - Disks

    private func harmDisks() {
        let node = random.pick(nodes)
        if world.strikes(.fullDisk, rate: 0.1), !node.isFull {
            node.setFull(true)
            world.plan(after: spell(), "room again", node.id.rawValue) { node.setFull(false) }
        }
        if world.mayDamage(node), world.strikes(.bitFlip, rate: 0.05) { node.disk.flipBit(&random, rows: !node.isUp) }
    }
}
