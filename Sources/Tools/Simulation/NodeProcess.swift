import Accounts
import ActorSystem
import Catalogue
import Checkout
import Cluster
import Commerce
import Consensus
import EventSourcing
import Inventory
import Logging
import Schema
import Upgrades

/// One life of a node: the replicas of all shards, driven by events, and the real shop on top of them.
final class NodeProcess: @unchecked Sendable {
    // One thread: the world's.
    unowned let node: SimulatedNode
    unowned let world: World
    let life: Life
    let store: SimulatedStore
    let network: SimulatedPeerNetwork
    let inbox: NodeInbox
    private let driver: NodeDriver
    private(set) var shards: ShardMap!
    private(set) var shop: SimulatedShop!
    /// What the node takes from its peers: what ships, and the step of a simulated client.
    private(set) var steps: StepTable!
    private var duties: LeaderDuties!
    private(set) var views: NodeViews!
    /// What its shards may write.
    let gate = VersionGate(.first, newest: .newest)
    private var version: ClusterVersionFollower!
    /// Of each peer that it has heard, the version that this reads.
    private var heard: [NodeID: ClusterVersion] = [:]
    private var ticks = 0
    /// When the turn is planned in which a write that is held back leaves.
    private var heldPlanned: Int64 = 0
    /// Ticks between two looks at what of the log may go.
    private static let releaseTicks = 10
    /// Whether the shards are rebuilt, so that requests are taken.
    private(set) var isServing = false

    /// Writes on their way to the disk, in their order. The driver orders one at a time, if no bug is planted.
    var underWay: [NodeWrite] = []

    init(node: SimulatedNode, store: SimulatedStore) throws {
        self.node = node
        self.store = store
        world = node.world
        life = Life(world: world, act: { [unowned node] body in node.act(body) })
        network = world.network.endpoint(node.id)
        let wakening = Wakening()
        let inbox = NodeInbox(shards: world.shardCount) { wakening.process?.attendSoon() }
        let journals = try (0..<world.shardCount).map { position in
            let group = GroupID(UInt16(position))
            return ReplicatedJournal(
                shard: ShardID(group.rawValue), node: node.id, configuration: node.world.configuration,
                reader: store.reader(of: group), records: store.reader(of: group), stored: try store.stored(group),
                retainedEntries: node.world.retainedEntries, generator: node.world.random.split(), inbox: inbox)
        }
        self.inbox = inbox
        driver = NodeDriver(journals: journals, inbox: inbox)
        wakening.process = self
        buildShop()
    }

    var journals: [ReplicatedJournal] { driver.journals }

    private func buildShop() {
        let (node, world, life) = (node, world, life)
        let clock: @Sendable () -> Timestamp = { [unowned self] in self.node.time }
        let timer = SimulatedClock(world: world, life: life)
        let logger = Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
        shards = ShardMap(
            journals.map { journal in
                Shard(
                    id: journal.shard, of: world.shardCount, journal: PreemptedJournal(journal, of: self),
                    states: SimulatedStates(disk: node.disk, shard: journal.shard),
                    kinds: OwnedKind.all, limits: .ofSimulation, gate: gate, route: SimulatedRoute(process: self),
                    audit: { [unowned self] index, kind, id, row in
                        guard !life.isOver else { return }
                        self.world.observe(.applied(self.node.id, journal.shard, index, kind, id: id, state: row))
                    },
                    failStop: { [unowned self] error in self.failStop(error) })
            })
        let prices = PriceBook { world.prices($0) }
        let provider = world.payments.connection(of: node.id, life: life)
        let payments = GuardedPaymentProvider(provider, clock: timer, generator: world.random.split())
        var random = world.random.split()
        let draw: @Sendable () -> UInt64 = SharedGenerator(random.split()).next
        let checkout = Checkout(
            shards: shards, prices: prices, payments: payments, policy: world.policy, clock: clock, timer: timer,
            random: draw)
        let floors = RetentionFloors()
        duties = LeaderDuties(
            [
                Reconciler(checkout, logger: logger),
                InventoryConsumer(shards: shards, floors: floors, clock: clock, timer: timer),
                SalesConsumer(shards: shards, prices: prices, floors: floors, clock: clock, timer: timer),
                ClusterVersionDuty(
                    gate: gate, members: { [unowned self] in self.memberVersions }, clock: clock, timer: timer),
                WatchedDuty(process: self),
            ], of: shards, timer: timer, logger: logger)
        views = NodeViews(shards: shards, floors: floors)
        version = ClusterVersionFollower(of: shards, gate: gate, readable: node.program)
        steps = StepTable(
            AccountSteps.all + CatalogueSteps.all + CheckoutSteps.all
                + checkout.procedures + InventorySteps.all + [.step(ClaimKey.self)])
        shop = SimulatedShop(node: node.id, shards: shards, checkout: checkout, clock: clock)
    }

    /// Takes up the work: the network, the ticks, and the shop once it is rebuilt.
    func begin() {
        network.receive { [unowned self] event in self.node.act { self.receive(event) } }
        planTick()
        life.spawn { [self] in
            for shard in shards.shards {
                do {
                    try await shard.recover()
                } catch {
                    return world.violate("node \(node.id) cannot be rebuilt: \(error)")
                }
            }
            do { try await version.begin() } catch { return followingFailed(error) }
            setStorageFull(node.isFull)
            isServing = true
            for shard in shards.shards {
                life.spawn { await shard.run(timer: SimulatedClock(world: self.world, life: self.life)) }
            }
            views.begin(in: life) { self.followingFailed($0) }
            life.spawn {
                do { try await self.version.follow() } catch { self.followingFailed(error) }
            }
            life.spawn {
                do { try await self.duties.attend() } catch { self.followingFailed(error) }
            }
        }
    }

    /// A node that cannot read its log stops by itself.
    private func followingFailed(_ error: any Error) {
        guard !life.isOver, !(error is LogUnreadable) else { return }
        if error is ProgramOutdated { return world.operations.upgrade(node) }
        world.violate("node \(node.id) follows its logs no longer: \(error)")
    }

    /// What each member reads, as far as this node knows.
    private var memberVersions: [ClusterVersion?] {
        journals.reduce(into: Set([node.id])) { $0.formUnion($1.membership.nodes) }.map { member in
            member == node.id ? node.program : heard[member]
        }
    }

    /// A connection of `peer`, which begins with what its program reads.
    func hear(_ peer: SimulatedNode) { heard[peer.id] = peer.program }

    private func failStop(_ error: any Error) -> Never {
        fatalError("seed \(world.settings.seed): node \(node.id) stopped: \(error)")
    }

    /// Everything in memory goes; the tasks run off without effect.
    func die() {
        life.end()
        network.disconnect()
        driver.end()
        loseFlush()
    }

    /// Lets the log go that nothing here will read again, on followers too.
    private func release() {
        guard isServing else { return }
        for shard in shards.shards {
            let floors = Consumer.ofDuties.map { RetentionFloors.stored($0, shard, in: shards) }
            shard.journal.release(through: floors.min() ?? .zero)
        }
    }

    func setStorageFull(_ isFull: Bool) { driver.setRoom(isFull ? .elections : .everything) }

    /// Saves every state that the log is still needed for.
    func saveAll() {
        guard isServing else { return }
        life.spawn { [shards] in for shard in shards!.shards { await shard.saveAll() } }
    }

    // MARK: - Ticks

    private func planTick() {
        let length = world.tickLength * node.slowness
        world.plan(after: length, "tick", node.id.rawValue) { [weak self] in
            guard let self, !life.isOver else { return }
            if !node.isPaused {
                inbox.putTick()
                ticks += 1
                if ticks % Self.releaseTicks == 0 { release() }
            }
            planTick()
        }
    }

    /// The driver has something to do: it is done before the present event ends.
    fileprivate func attendSoon() { if !life.isOver { world.attend(self) } }

    /// Takes turns until there is nothing to do.
    func attend() {
        guard !life.isOver else { return }
        if node.isPaused { return node.act { [weak self] in self?.attendSoon() } }
        while !life.isOver, let directives = driver.turn(at: .microseconds(world.now)) { perform(directives) }
        planHeldWrite()
    }

    /// A write that is held back leaves at its time.
    private func planHeldWrite() {
        guard !life.isOver, let end = driver.heldUntil else { return }
        let time = Int64(end / .microseconds(1)) + 1
        guard time != heldPlanned else { return }
        heldPlanned = time
        world.plan(after: .microseconds(time - world.now), "held", node.id.rawValue) { [weak self] in
            self?.attendSoon()
        }
    }

    // MARK: - Leading

    func change(_ change: PartChange, of shard: ShardID) {
        switch change {
        case .leads(let leadership):
            world.trace("leads", node.id.rawValue, UInt64(shard.rawValue), leadership.term)
            world.observe(
                .leads(node.id, shard, Term(leadership.term), first: EntryIndex(leadership.first.rawValue)))
            duties.partChanged(of: shard)
        case .cedes:
            world.trace("cedes", node.id.rawValue, UInt64(shard.rawValue))
            world.observe(.ceded(node.id, shard))
            duties.partChanged(of: shard)
        case .replaced(let snapshot):
            world.trace("replaced", node.id.rawValue, UInt64(shard.rawValue), snapshot.last.index.rawValue)
            world.observe(.restored(node.id, shard, last: snapshot.last.index))
        case .stopped(let failure):
            world.trace("stopped", node.id.rawValue, UInt64(shard.rawValue), text: "\(failure)")
            world.stopped(node, failure)
        }
    }
}

/// Wakes the driver of a process, once there is one.
private final class Wakening: @unchecked Sendable {
    // One thread: the world's.
    weak var process: NodeProcess?
}

/// Random bits for every caller, in one thread.
private final class SharedGenerator: @unchecked Sendable {
    // One thread: the world's.
    private var generator: Generator
    init(_ generator: Generator) { self.generator = generator }
    func next() -> UInt64 { generator.next() }
}

extension ShardLimits {
    /// So small that every run crosses them: states are saved, and owners leave memory, all the time.
    fileprivate static var ofSimulation: ShardLimits {
        var limits = ShardLimits()
        limits.saveLagRecords = 24
        limits.saveLagTicks = 4
        limits.residentsMax = 40
        limits.idleTicks = 8
        limits.alarmRetry = .seconds(1)
        limits.forgetRestTicks = 4
        limits.tickInterval = .milliseconds(250)
        return limits
    }
}
