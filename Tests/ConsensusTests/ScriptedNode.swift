@testable import Consensus

/// One node of an interaction script: a replica, its disk, and what its two threads have to do.
final class ScriptedNode {
    let id: NodeID
    let configuration: ReplicaConfiguration
    let store = MemoryLogStore()
    private(set) var replica: Replica
    /// Orders to the append thread, in the order in which they were given.
    private(set) var writes: [LogWrite] = []
    /// Orders to the apply thread.
    private(set) var applications: [HeldApplication] = []
    /// The snapshot after each entry applied; the last is the one that is sent.
    private let history: History

    /// Reads the log from the disk, and always offers the newest snapshot.
    private struct Reader: LogReader {
        let log: MemoryLog
        let history: History
        var firstIndex: EntryIndex { log.firstIndex }
        var lastIndex: EntryIndex { log.lastIndex }
        var snapshot: Snapshot? { history.newest }
        func term(at index: EntryIndex) -> Term? { log.term(at: index) }
        func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]? {
            log.entries(in: range, bytesMax: bytesMax)
        }
    }

    private final class History {
        var newest: Snapshot
        init(_ snapshot: Snapshot) { newest = snapshot }
    }

    init(id: NodeID, configuration: ReplicaConfiguration, snapshot: Snapshot) throws {
        self.id = id
        self.configuration = configuration
        let log = store.reader(of: Self.group)
        if snapshot.last.index > .zero {
            try store.write([GroupWrite(group: Self.group, log: LogWrite(sequence: 0, snapshot: snapshot))])
        }
        history = History(snapshot)
        replica = Self.start(id, configuration, Reader(log: log, history: history), .initial, history.newest)
    }

    private static let group = GroupID(0)

    private static func start(
        _ id: NodeID, _ configuration: ReplicaConfiguration, _ reader: Reader, _ hardState: HardState,
        _ snapshot: Snapshot
    ) -> Replica {
        Replica(
            id: id, configuration: configuration, log: reader, hardState: hardState, membership: snapshot.membership,
            applied: snapshot.last.index, generator: SystemRandomNumberGenerator())
    }

    var log: MemoryLog { store.reader(of: Self.group) }
    var snapshot: Snapshot { history.newest }

    func with<Result>(_ body: (inout Replica) throws -> Result) rethrows -> Result { try body(&replica) }

    /// Loses what is not on disk.
    func restart() throws {
        writes = []
        applications = []
        let stored = try store.stored(Self.group)
        replica = Self.start(id, configuration, Reader(log: log, history: history), stored.hardState, history.newest)
    }

    // MARK: Ready

    /// Handles one `Ready`.
    ///
    /// - Returns: its text, and the messages that leave.
    func processReady() throws -> (String, [Message]) {
        var ready = replica.ready()
        var text = describe(ready)
        let messages = ready.messages
        if configuration.storageWrites == .synchronous {
            let write = LogWrite(
                sequence: 0, hardState: ready.hardState, entries: ready.entries, snapshot: ready.snapshot)
            try store.write([GroupWrite(group: Self.group, log: write)])
            apply(ready.committedEntries)
            replica.advance(ready)
        } else {
            if let write = ready.write { writes.append(write) }
            if let application = ready.apply.take() { applications.append(HeldApplication(application)) }
        }
        if text.isEmpty { text = "<empty Ready>" }
        return (text, messages)
    }

    private func describe(_ ready: borrowing Ready) -> String {
        var text = ""
        if let state = ready.softState {
            text += "Lead:\(state.leader ?? .none) State:\(Describe.role(state.role))\n"
        }
        if let state = ready.hardState { text += "HardState \(Describe.hardState(state))\n" }
        if !ready.readStates.isEmpty {
            text += "ReadStates " + ready.readStates.map { "\($0.id)@\($0.index)" }.joined(separator: " ") + "\n"
        }
        if !ready.entries.isEmpty { text += "Entries:\n" + Describe.entries(ready.entries) }
        if let snapshot = ready.snapshot { text += "Snapshot \(Describe.snapshot(snapshot))\n" }
        if !ready.committedEntries.isEmpty { text += "CommittedEntries:\n" + Describe.entries(ready.committedEntries) }
        var messages = ready.messages.map(DescribedMessage.init)
        if let write = ready.write {
            messages.append(DescribedMessage(write, of: id, releasing: replica.handedOut.writes.last))
        }
        if configuration.storageWrites == .asynchronous, !ready.committedEntries.isEmpty {
            var message = DescribedMessage(applying: ready.committedEntries, of: id, isDone: false)
            message.responses = [DescribedMessage(applying: ready.committedEntries, of: id, isDone: true)]
            messages.append(message)
        }
        if !messages.isEmpty { text += "Messages:\n" + messages.map { $0.text() + "\n" }.joined() }
        return text.isEmpty ? "" : "Ready MustSync=\(ready.mustSync):\n" + text
    }

    // MARK: The two threads

    /// Performs the oldest write.
    ///
    /// - Returns: the write, and what it releases.
    func processWrite() throws -> (LogWrite, answers: [Message], receipt: FlushReceipt?) {
        let write = writes.removeFirst()
        try store.write([GroupWrite(group: Self.group, log: write)])
        if let snapshot = write.snapshot { history.newest = snapshot }
        let released = replica.takeWrite(write.sequence)
        return (write, released.answers, released.receipt)
    }

    /// Applies the oldest batch.
    func processApplication() -> HeldApplication {
        let application = applications.removeFirst()
        apply(application.entries)
        return application
    }

    private func apply(_ entries: [Entry]) {
        for entry in entries {
            var membership = history.newest.membership
            if case .membershipChange = entry.payload, let changed = try? replica.applyMembershipChange(entry) {
                membership = changed
            }
            history.newest = Snapshot(last: entry.id, membership: membership)
        }
    }

    func compact(through index: EntryIndex) throws {
        try store.write([GroupWrite(group: Self.group, compaction: index)])
    }
}

/// Holds an `Application` where only copyable values can be held.
final class HeldApplication {
    let entries: [Entry]
    private var application: Application?

    init(_ application: consuming Application) {
        entries = application.entries
        self.application = consume application
    }

    func take() -> Application { application.take()! }
}
