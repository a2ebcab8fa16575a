import Consensus
import EventSourcing
import Synchronization

/// Drives the replicas of all shards of one node: what happens goes into the inbox, a turn says what is to be done.
///
/// It has no thread, disk, network or clock. One thread takes turns until there is nothing to do and then sleeps until
/// the inbox wakes it, or a write that is held back is to leave; what the turns say is performed outside of every lock:
///
///     while let directives = driver.turn(at: now) { perform(directives) }
///     sleep(until: driver.heldUntil)
///
/// Invariant: one write at a time is under way, and nothing counts as durable before it is reported.
public final class NodeDriver: Sendable {
    /// By shard.
    public let journals: [ReplicatedJournal]
    private let inbox: NodeInbox
    /// Touched in turns only.
    private let writes = Mutex(WriteQueue())
    private let room = Mutex(StorageRoom.everything)

    /// - Parameter journals: of all shards, in their order, with `inbox` as theirs.
    public init(journals: [ReplicatedJournal], inbox: NodeInbox) {
        self.journals = journals
        self.inbox = inbox
    }

    /// Deals with everything that has happened since the last turn.
    ///
    /// - Parameter now: the time by a clock that never goes back.
    /// - Returns: what is to be done; nil when that is nothing. The thread sleeps then until it is woken, or until
    ///   `heldUntil`.
    public func turn(at now: Duration) -> NodeDirectives? {
        writes.withLock { writes in
            if let turn = inbox.take(passingOver: writes.recordsPassedOver) {
                return deal(with: turn, &writes, at: now)
            }
            guard let write = writes.next(at: now) else { return nil }
            var directives = NodeDirectives()
            directives.write = write
            return directives
        }
    }

    /// When a write that is held back leaves: a turn is to be taken then. Nil when none is.
    public var heldUntil: Duration? { writes.withLock(\.heldUntil) }

    private func deal(with turn: NodeInbox.Turn, _ writes: inout WriteQueue, at now: Duration) -> NodeDirectives {
        var directives = NodeDirectives()
        var touched = turn.touched
        for input in turn.inputs { step(input, &touched, &writes, &directives, at: now) }
        for (position, journal) in journals.enumerated() where touched[position] {
            while journal.hasDirectives {
                let step = journal.directives()
                add(step, of: journal.shard, &writes, &directives)
                writes.didAnswer(step.answered, at: now)
            }
        }
        directives.write = writes.next(at: now)
        return directives
    }

    private func step(
        _ input: NodeInput, _ touched: inout [Bool], _ writes: inout WriteQueue, _ directives: inout NodeDirectives,
        at now: Duration
    ) {
        func journal(_ shard: ShardID) -> ReplicatedJournal {
            touched[Int(shard.rawValue)] = true
            return journals[Int(shard.rawValue)]
        }
        switch input {
        case .tick:
            writes.tick()
            for shard in touched.indices { journal(ShardID(UInt16(shard))).tick() }
        case .frame(let frame):
            for item in frame.messages where journals.indices.contains(Int(item.shard.rawValue)) {
                if lacksRoom(for: item.message, writes) { continue }
                // A snapshot comes with its rows.
                if case .installSnapshot = item.message.body { continue }
                take(item.message, rows: nil, journal(item.shard))
            }
        case .unreachable(let node, let shard): journal(shard).reportUnreachable(node)
        case .disconnected(let node):
            for shard in touched.indices { journal(ShardID(UInt16(shard))).disconnected(from: node) }
        case .flushed(let number):
            for part in writes.complete(number, at: now) {
                for answer in journal(part.shard).flushed(part.number) { directives.send(answer, of: part.shard) }
            }
        case .flushFailed:
            // No shard can trust the store any more.
            for shard in touched.indices { journal(ShardID(UInt16(shard))).flushFailed() }
        case .snapshotArrived(let item, let rows): take(item.message, rows: rows, journal(item.shard))
        case .snapshotSent(let node, let shard, let isDelivered):
            journal(shard).reportSnapshot(to: node, isDelivered: isDelivered)
        }
    }

    private func take(_ message: Message, rows: SnapshotRows?, _ journal: ReplicatedJournal) {
        do throws(StepRefusal) {
            try journal.step(message, rows: rows)
        } catch {
            // Lost, as far as the sender can tell.
        }
    }

    private func add(
        _ step: ReplicaDirectives, of shard: ShardID, _ writes: inout WriteQueue, _ directives: inout NodeDirectives
    ) {
        for message in step.messages { directives.send(message, of: shard) }
        if let write = step.write { writes.add(write) }
        if !step.committed.isEmpty {
            directives.committed.append(CommittedEntries(shard: shard, entries: step.committed))
        }
        directives.changes += step.changes.map { ShardChange(shard: shard, change: $0) }
    }

    /// Sets what the disk has room for. Whatever it is, this node keeps and reads what it has; of leaders it drops what
    /// there is no room for, and they send it again.
    public func setRoom(_ room: StorageRoom) {
        self.room.withLock { $0 = room }
        for journal in journals { journal.setStorageFull(room != .everything) }
    }

    private func lacksRoom(for message: Message, _ writes: WriteQueue) -> Bool {
        writes.isFull && message.bringsEntries
            || room.withLock { $0 } == .elections && message.bringsRecords
    }

    /// The node stops: callers that still wait are told that the outcome is unknown.
    public func end() { for journal in journals { journal.end() } }
}

extension Message {
    fileprivate var bringsEntries: Bool {
        if case .append(_, let entries, _) = body { return !entries.isEmpty }
        return false
    }

    /// Whether it brings more than the entries that begin terms, and changes of membership: both are few and small.
    fileprivate var bringsRecords: Bool {
        guard case .append(_, let entries, _) = body else { return false }
        return entries.contains { entry in
            if case .record(let bytes) = entry.payload { !bytes.isEmpty } else { false }
        }
    }
}
