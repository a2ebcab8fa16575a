import Cluster
import Consensus
import EventSourcing

/// One node of the cluster: its disk, its clock, and the process that runs on it while it is up.
final class SimulatedNode {
    let id: NodeID
    unowned let world: World
    /// What its program reads, and writes where it may.
    var program: ClusterVersion
    let disk: SimulatedDisk
    private(set) var process: NodeProcess?
    /// Those that have died: their tasks run off, and what refers to them has to find them.
    private var past: [NodeProcess] = []
    private(set) var starts: UInt64 = 0
    /// What the node's wall clock shows more than the truth.
    var clockError = Duration.zero
    /// How much slower than others it does everything.
    var slowness = 1
    /// A paused node does nothing, and does not know it.
    private(set) var isPaused = false
    /// What it would have done, in order.
    private var deferred: [() -> Void] = []
    /// Its disk cannot be trusted: it never starts again.
    private(set) var isDamaged = false
    /// It is no member any more.
    private(set) var isRemoved = false
    /// The disk has no room for anything new.
    private(set) var isFull = false

    /// How long the end of a connection takes to its other end.
    private static let resetDelay = Duration.milliseconds(1)

    init(id: NodeID, world: World, program: ClusterVersion, disk: SimulatedDisk) {
        self.id = id
        self.world = world
        self.program = program
        self.disk = disk
    }

    var isUp: Bool { process != nil }
    var time: Timestamp { world.time + clockError }

    // MARK: - Lives

    /// Starts the process, if the disk lets it.
    func start() {
        precondition(process == nil, "a node runs one process")
        starts += 1
        let store = SimulatedStore(disk)
        do {
            try store.verify()
            process = try NodeProcess(node: self, store: store)
        } catch {
            world.trace("damaged", id.rawValue, text: "\(error)")
            isDamaged = true
            return
        }
        world.observe(.started(id))
        process!.begin()
    }

    /// The node leaves the cluster for good.
    func remove() {
        crash()
        isRemoved = true
    }

    func setFull(_ isFull: Bool) {
        self.isFull = isFull
        process?.setStorageFull(isFull)
    }

    /// The process dies, with all that is not durable.
    func crash() {
        guard let process else { return }
        past.append(process)
        self.process = nil
        isPaused = false
        deferred = []
        world.trace("crash", id.rawValue)
        world.observe(.crashed(id))
        process.die()
        tellPeers()
    }

    /// The connections of a process end with it: the other nodes notice at once, unless they are paused.
    private func tellPeers() {
        for peer in world.nodes where peer !== self && peer.isUp {
            world.plan(after: Self.resetDelay, "reset", id.rawValue << 32 | peer.id.rawValue) { [id, weak peer] in
                peer?.act { peer?.process?.inbox.putDisconnected(id) }
            }
        }
    }

    /// Nothing slows it down any more.
    func recover() {
        slowness = 1
        setFull(false)
        resume()
    }

    // MARK: - Pauses

    /// Runs `body` now, or once the node is no longer paused.
    func act(_ body: @escaping () -> Void) {
        if isPaused { deferred.append(body) } else { body() }
    }

    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        let waiting = deferred
        deferred = []
        for body in waiting { body() }
    }
}
