import Consensus
import EventSourcing
import Synchronization

@testable import Cluster

/// Node 1 of a cluster, driven by hand: what its driver orders is kept for the test to look at, and a write is durable
/// once the test says so.
final class DrivenNode {
    let inbox: NodeInbox
    let driver: NodeDriver
    /// How often the driver was woken.
    let wakes: Count
    /// Called at every read of the store.
    let reading = ReadHook()
    private let store: MemoryLogStore
    /// The write that the test has yet to report.
    private(set) var underWay: NodeWrite?
    /// The time of its turns.
    var now = Duration.zero
    private(set) var frames: [Frame] = []
    private(set) var committed: [CommittedEntries] = []
    private(set) var changes: [ShardChange] = []

    init(shards: Int = 1, members: [UInt64] = [1], configuration: ReplicaConfiguration = .ofTests) {
        let store = MemoryLogStore()
        let hook = reading
        let wakes = Count()
        let inbox = NodeInbox(shards: shards) { wakes.add() }
        let membership = Membership(voters: NodeSet(members.map { NodeID($0) }))!
        let journals = (0..<shards).map { position in
            let group = GroupID(UInt16(position))
            let founding = GroupWrite(group: group, checkpoint: Snapshot(last: .zero, membership: membership))
            do {
                try store.write([founding])
                return ReplicatedJournal(
                    shard: ShardID(group.rawValue), node: NodeID(1), configuration: configuration,
                    reader: TestReader(store.reader(of: group), hook),
                    records: TestReader(store.reader(of: group), hook),
                    stored: try store.stored(group), retainedEntries: 0, generator: CountingGenerator(), inbox: inbox)
            } catch {
                preconditionFailure("a store in memory failed: \(error)")
            }
        }
        (self.store, self.wakes, self.inbox) = (store, wakes, inbox)
        driver = NodeDriver(journals: journals, inbox: inbox)
    }

    subscript(shard: Int) -> ReplicatedJournal { driver.journals[shard] }

    // MARK: - Driving

    /// Takes turns until the driver sleeps, and keeps what it orders.
    func turn() {
        while let directives = driver.turn(at: now) {
            frames += directives.frames
            committed += directives.committed
            changes += directives.changes
            guard let write = directives.write else { continue }
            precondition(underWay == nil, "two writes are under way")
            underWay = write
        }
    }

    /// The write under way becomes durable.
    func flush() throws {
        guard let write = underWay else { preconditionFailure("no write is under way") }
        underWay = nil
        try store.write(
            write.parts.map {
                GroupWrite(
                    group: GroupID($0.shard.rawValue), log: $0.log, checkpoint: $0.checkpoint,
                    compaction: $0.compaction)
            })
        inbox.putFlushed(write.number)
        turn()
    }

    /// Everything that is to be written is written.
    func settle() throws {
        turn()
        while underWay != nil { try flush() }
    }

    func tick() {
        inbox.putTick()
        turn()
    }

    func hear(_ body: Message.Body, from peer: UInt64 = 2, term: UInt64, on shard: UInt16 = 0) {
        let message = Message(from: NodeID(peer), to: NodeID(1), term: Term(term), body: body)
        inbox.put(Frame(peer: NodeID(peer), messages: [ShardMessage(shard: ShardID(shard), message: message)]))
        turn()
    }

    /// What was sent since it was last asked for.
    func takeFrames() -> [Frame] {
        defer { frames = [] }
        return frames
    }

    // MARK: - Leading

    /// Alone, it leads every shard once its ticks have run out.
    func leadAlone() throws {
        while driver.journals.contains(where: { $0.standing.leadership == nil }) {
            tick()
            try settle()
        }
    }

    /// Of three members: node 2 votes for this node, and takes up the entry that begins the term.
    ///
    /// - Returns: the term.
    func winElection() throws -> UInt64 {
        while self[0].status.role != .candidate {
            tick()
            try settle()
        }
        let term = self[0].status.hardState.term.rawValue
        hear(.vote(isGranted: true), term: term)
        try settle()
        hear(.appendAccepted(matched: self[0].status.last), term: term)
        try settle()
        return term
    }
}

extension ReplicaConfiguration {
    /// Elections are soon, and of one round.
    static var ofTests: ReplicaConfiguration {
        var configuration = ReplicaConfiguration()
        configuration.electionTicks = 3
        configuration.preVotes = false
        return configuration
    }
}

/// Counts from any thread.
final class Count: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

/// A log in memory, of a test that runs in one thread.
struct TestReader: LogReader, @unchecked Sendable {
    // One thread: the test's.
    private let log: MemoryLog
    private let hook: ReadHook
    init(_ log: MemoryLog, _ hook: ReadHook) { (self.log, self.hook) = (log, hook) }
    var firstIndex: EntryIndex { log.firstIndex }
    var lastIndex: EntryIndex { log.lastIndex }
    var snapshot: Snapshot? { log.snapshot }
    func term(at index: EntryIndex) -> Term? {
        hook.hook?()
        return log.term(at: index)
    }
    func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
        hook.hook?()
        return log.entries(in: range, bytesMax: bytesMax)
    }
}

/// What a test wants done at a read.
final class ReadHook: @unchecked Sendable {
    // One thread: the test's.
    var hook: (() -> Void)?
}

/// The same numbers in every run.
struct CountingGenerator: RandomNumberGenerator {
    private var state: UInt64 = 0
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return state ^ (state >> 31)
    }
}
