@testable import Consensus

/// One node of a `RandomCluster`: a replica, a disk that loses what was not written, and a state machine.
final class RandomNode {
    let id: NodeID
    private let configuration: ReplicaConfiguration
    private let seed: UInt64
    private(set) var starts: UInt64 = 0
    let store = MemoryLogStore()
    private(set) var replica: Replica?
    private(set) var writes: [LogWrite] = []
    private(set) var applications: [HeldApplication] = []
    /// What the state machine has applied, and who were members then.
    private(set) var applied = EntryIndex.zero
    private(set) var membership = Membership.empty

    static let group = GroupID(0)

    init(id: NodeID, configuration: ReplicaConfiguration, bootstrap: Membership, seed: UInt64) throws {
        self.id = id
        self.configuration = configuration
        self.seed = seed
        let checkpoint = Snapshot(last: .zero, membership: bootstrap)
        try store.write([GroupWrite(group: Self.group, checkpoint: checkpoint)])
    }

    var log: MemoryLog { store.reader(of: Self.group) }
    var isUp: Bool { replica != nil }

    func start() throws {
        starts += 1
        let stored = try store.stored(Self.group)
        applied = stored.checkpoint!.last.index
        membership = stored.checkpoint!.membership
        replica = Replica(
            id: id, configuration: configuration, log: log, hardState: stored.hardState, membership: membership,
            applied: applied, generator: SplitMix64(seed: seed &+ starts &* 7_919 &+ id.rawValue))
    }

    /// Power is cut while the first `written` of the pending writes have reached the disk.
    func crash(written: Int) throws {
        for write in writes.prefix(written) { try store.write([GroupWrite(group: Self.group, log: write)]) }
        writes = []
        applications = []
        replica = nil
    }

    func with<Result>(_ body: (inout Replica) throws -> Result) rethrows -> Result { try body(&replica!) }

    /// - Returns: messages that leave at once, and reads that may be served.
    func takeReady() -> (messages: [Message], reads: [ReadState]) {
        var ready = replica!.ready()
        if let write = ready.write { writes.append(write) }
        if let application = ready.apply.take() { applications.append(HeldApplication(application)) }
        return (ready.messages, ready.readStates)
    }

    /// Flushes the oldest write.
    ///
    /// - Returns: messages that were waiting for it.
    func flush() throws -> [Message] {
        let write = writes.removeFirst()
        try store.write([GroupWrite(group: Self.group, log: write)])
        if let snapshot = write.snapshot { (applied, membership) = (snapshot.last.index, snapshot.membership) }
        return replica!.flushed(write.sequence)
    }

    /// Applies the oldest batch.
    func apply(_ check: (Entry) throws -> Void) throws {
        let application = applications.removeFirst()
        for entry in application.entries {
            if entry.index <= applied {
                // A snapshot has overtaken it. To report it all the same does no harm.
                _ = try? replica!.applyMembershipChange(entry)
                continue
            }
            guard entry.index == applied.next else { throw Violation("\(id) applied \(entry.index) after \(applied)") }
            guard log.lastIndex >= entry.index else {
                throw Violation("\(id) applied \(entry.index), which is not on its disk")
            }
            try check(entry)
            applied = entry.index
            guard case .membershipChange = entry.payload else { continue }
            if let changed = try? replica!.applyMembershipChange(entry) { membership = changed }
        }
        replica!.applied(application.take())
    }

    /// Stores the state machine and drops part of the log behind it.
    func checkpoint(keeping count: Int) throws {
        guard let term = log.term(at: applied) else { return }
        let snapshot = Snapshot(last: EntryID(term: term, index: applied), membership: membership)
        let end = applied.rawValue > UInt64(count) ? applied.advanced(by: -count) : .zero
        try store.write([GroupWrite(group: Self.group, checkpoint: snapshot, compaction: end)])
    }
}

/// A promise of the core that was broken.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
