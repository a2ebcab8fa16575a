import Checkout
import Commerce
import Consensus
import EventSourcing

/// How large a simulated cluster is, and what goes wrong in it.
public struct Settings: Sendable {
    public enum Profile: String, Sendable, CaseIterable {
        /// Every fault at once, and no end: nothing may ever be wrong.
        case safety
        /// No fault: everything must come to its end.
        case liveness
        /// A selection of faults, then none: both.
        case swarm
    }

    public var seed: UInt64
    /// 3 or 5; nil draws it.
    public var nodes: Int?
    /// 1 to 4; nil draws it.
    public var shards: Int?
    /// Events at most in phase one.
    public var steps = 200_000
    /// The length of phase one.
    public var duration = Duration.seconds(20)
    public var profile = Profile.swarm
    /// Faults to use in place of those that the seed draws.
    public var faults: FaultPlan?
    public var bugs: Set<PlantedBug> = []
    /// Is handed every line of the trace.
    public var trace: (@Sendable (String) -> Void)?

    public init(seed: UInt64) { self.seed = seed }
}

/// One run: a cluster, its clients, their payment provider and everything that goes wrong, in one thread, on virtual
/// time, from one seed.
///
/// The loop takes the next event of the queue, lets it happen, runs whatever tasks that woke, and lets the checkers
/// look.
public final class World: @unchecked Sendable {
    // One thread: the thread that makes a world runs it, and the executor stops the process if a job runs elsewhere.
    public let settings: Settings
    public let faults: FaultPlan
    public let bugs: Set<PlantedBug>
    public var random: Generator
    let executor: SimulatedExecutor
    private var queue = EventQueue()

    /// Microseconds of virtual time since the start.
    public private(set) var now: Int64 = 0
    /// What wall clocks show at the start.
    public static let epoch = Timestamp(milliseconds: 1_700_000_000_000)
    /// Events so far.
    public private(set) var events = 0
    /// Whether phase two has begun: nothing goes wrong any more.
    public private(set) var isHealed = false
    public private(set) var violation: Violation?
    /// How often each kind of fault has struck, in the order of `FaultKind.allCases`.
    public private(set) var struck = Array(repeating: 0, count: FaultKind.allCases.count)
    /// Everything that happened, in one number.
    public private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325

    public var checkers: [any Checker] = []
    let openOrders = OpenOrders()
    let cluster: ClusterSettings
    private(set) var network: SimulatedNetwork!
    private(set) var nemesis: Nemesis!
    private(set) var operations: Operator!
    /// The node whose disk has been chosen for damage: one at a time.
    var harmed: SimulatedNode?
    /// Members, and those that were, in the order in which they joined.
    var nodes: [SimulatedNode] = []
    /// By shard.
    var histories: [History] = []
    /// Processes whose replicas have something to say.
    private var dirty: [NodeProcess] = []
    /// What every SKU costs.
    public var prices: @Sendable (SKU) -> PriceBook.Entry? = { sku in
        PriceBook.Entry(
            product: ProductID(at: .zero, random: UInt64(sku.description.utf8.first!) << 2),
            price: Money(amount: 250, currency: .gbp), isActive: true)
    }
    /// Set before `run`.
    public var payments: any SimulatedPayments = HonestPayments()
    /// Set before `run`.
    public var workload: (any SimulatedWorkload)?
    /// The life of clients, the provider and whatever else outlives the nodes.
    public private(set) var outside: Life!

    public init(_ settings: Settings) {
        self.settings = settings
        bugs = settings.bugs
        random = Generator(seed: settings.seed)
        var draws = random.split()
        let drawn = FaultPlan.swarm(&draws)
        faults = settings.faults ?? (settings.profile == .liveness ? .none : drawn)
        executor = SimulatedExecutor(random: random.split(), shuffleRate: faults[.schedule] / 4)
        cluster = ClusterSettings(settings, &draws)
        histories = Array(repeating: History(), count: cluster.shards)
        outside = Life(world: self)
        network = SimulatedNetwork(world: self)
        nemesis = Nemesis(world: self)
        operations = Operator(world: self)
        checkers = [LogChecker(), openOrders]
    }

    // MARK: - Time

    /// The present as an exact clock shows it.
    public var time: Timestamp { Timestamp(microseconds: Self.epoch.microseconds + now) }

    /// Lets `body` happen later.
    ///
    /// - Parameters:
    ///   - label: what it is, for the trace.
    ///   - detail: which one, for the trace.
    public func plan(after delay: Duration, _ label: StaticString, _ detail: UInt64 = 0, _ body: @escaping () -> Void) {
        queue.plan(at: now + max(0, delay.microseconds), label, detail, body)
    }

    // MARK: - Telling

    /// Tells the checkers.
    public func observe(_ observation: Observation) {
        for checker in checkers { checker.observe(observation, in: self) }
    }

    /// A promise is broken: the run ends. The first violation stays.
    public func violate(_ message: @autoclosure () -> String) {
        guard violation == nil else { return }
        violation = Violation(moment: now, message: message())
        trace("violation", text: violation!.message)
    }

    /// Adds to the trace, and to the run's fingerprint, what has happened.
    public func trace(_ label: StaticString, _ numbers: UInt64..., text: @autoclosure () -> String = "") {
        note(label)
        for number in numbers { note(number) }
        guard let write = settings.trace else { return }
        write("\(now) \(label) \(numbers.map(String.init).joined(separator: " ")) \(text())")
    }

    /// Adds to the trace what is no event of its own.
    public func comment(_ text: @autoclosure () -> String) {
        if let write = settings.trace { write("    \(text())") }
    }

    private func note(_ label: StaticString) {
        label.withUTF8Buffer { for byte in $0 { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 } }
        note(UInt64(bitPattern: now))
    }

    private func note(_ number: UInt64) { fingerprint = Generator.mix(fingerprint ^ number) }

    // MARK: - Running

    /// Lets the next event happen.
    ///
    /// - Returns: false when there is none, or a promise is broken.
    func step() -> Bool {
        guard violation == nil, let event = queue.next() else { return false }
        now = event.moment
        events += 1
        trace(event.label, event.detail)
        event.body()
        attendAll()
        for checker in checkers { checker.afterEvent(in: self) }
        return violation == nil
    }

    /// Has the replicas of a process looked after before the present event ends.
    func attend(_ process: NodeProcess) { dirty.append(process) }

    /// Runs tasks and replicas until nothing more follows from the present event.
    func attendAll() {
        executor.drain()
        while !dirty.isEmpty {
            let processes = dirty
            dirty = []
            for process in processes { process.attend() }
            executor.drain()
        }
        network.dispatch()
    }

    /// Whether a step is in the middle, and everything else goes on.
    private(set) var isPreempted = false

    /// Lets everything but the running step go on for a while. One step at a time: what is under way further down the
    /// stack cannot end before this one. With the process that takes the step, the step is over too.
    func goOn(for duration: Duration, in life: Life) {
        precondition(!isPreempted, "one step at a time is preempted")
        isPreempted = true
        defer { isPreempted = false }
        let end = now + duration.microseconds
        while now < end, !life.isOver, step() {}
    }

    /// Nothing goes wrong from here on.
    func heal() {
        isHealed = true
        network.mendAll()
        for node in nodes { node.recover() }
        observe(.healed)
    }

    /// Ends every task and forgets what was planned.
    func tearDown() {
        for node in nodes { node.process?.die() }
        outside.end()
        executor.drain()
        queue.removeAll()
        nodes = []
        checkers = []
        workload = nil
    }

    /// Whether a fault of this kind is to be made now. Never once phase two has begun.
    public func strikes(_ kind: FaultKind, rate scale: Double = 1) -> Bool {
        guard !isHealed, random.chance(faults[kind] * scale) else { return false }
        struck[FaultKind.allCases.firstIndex(of: kind)!] += 1
        return true
    }
}
