import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// The journal of one shard on one node, be it one of several or alone: a replica of the shard's Raft group, without
/// threads, disk or network of its own.
///
/// Two sides use it. The shard's owners, through `Journal`, on any thread. And the node's driver: it reports ticks,
/// messages and flushes, and then asks for `directives`, one thing at a time.
///
/// Invariants: a decision is confirmed only under the leadership that took it, and once a quorum has flushed what it
/// rests on; the leadership is shown only once everything that earlier leaders left is committed here.
public final class ReplicatedJournal: Journal {
    public let shard: ShardID
    /// Every step of the shard takes this lock; a thread that holds `core` may take it, never the other way round.
    let front: Mutex<JournalFront>
    let core: Mutex<ReplicaCore>
    /// Reads the store beside the replica, so that a long read never keeps an election waiting.
    private let reader: Mutex<any LogReader>
    /// Where the driver learns that there is something to do which it did not bring about.
    let inbox: NodeInbox

    /// - Parameters:
    ///   - reader: the shard's log in the node's store, for the replica.
    ///   - records: another reader of the same, for those who follow the log.
    ///   - stored: what the store holds of the shard. A checkpoint there says who the members are.
    ///   - retainedEntries: so many entries behind the checkpoint stay for members that lag.
    ///   - inbox: of the node's driver.
    public init(
        shard: ShardID, node: NodeID, configuration: ReplicaConfiguration, reader: sending any LogReader,
        records: sending any LogReader, stored: StoredGroup, retainedEntries: Int,
        generator: sending any RandomNumberGenerator, inbox: NodeInbox
    ) {
        guard let checkpoint = stored.checkpoint else { preconditionFailure("a shard begins with its members") }
        self.shard = shard
        self.inbox = inbox
        self.reader = Mutex(records)
        var generator = generator
        let firstBarrier = generator.next()
        let replica = Replica(
            id: node, configuration: configuration, log: reader, hardState: stored.hardState,
            membership: checkpoint.membership, applied: checkpoint.last.index, generator: generator)
        front = Mutex(
            JournalFront(
                checkpoint: checkpoint.last.index, isAlone: checkpoint.membership.hasOneVoter,
                uncommittedBytesMax: configuration.uncommittedBytesMax))
        core = Mutex(
            ReplicaCore(
                shard: shard, replica: replica, checkpoint: checkpoint, retainedEntries: retainedEntries,
                electionTicks: configuration.electionTicks, firstBarrier: firstBarrier))
    }

    /// What a new group is founded with, on each of its first nodes.
    public static func founding(_ shard: ShardID, members: NodeSet) -> ShardWrite {
        guard let membership = Membership(voters: members) else { preconditionFailure("voters are a membership") }
        var write = ShardWrite(shard: shard, number: 0)
        write.checkpoint = Snapshot(last: .zero, membership: membership)
        return write
    }

    // MARK: - Journal

    public var committed: LogIndex { standing.committed }
    public var checkpoint: LogIndex { front.withLock { LogIndex($0.checkpoint.rawValue) } }
    public var first: LogIndex { reader.withLock { LogIndex($0.firstIndex.rawValue) } }
    public var flushedGeneration: UInt64 { front.withLock { $0.states.flushed } }
    public var standing: Standing { front.withLock { $0.standing } }

    public func propose(
        _ record: [UInt8], at time: Timestamp, in term: UInt64
    ) throws(JournalRefusal) -> LogIndex {
        guard record.count <= JournalRecord.bytesMax else { throw .recordTooLarge(bytesMax: JournalRecord.bytesMax) }
        let payload = RecordPayload.encode(record, at: time)
        let result = front.withLock { $0.propose(payload, in: term) }
        let index = try result.get()
        inbox.touchWithRecord(of: shard)
        return index
    }

    public func commitment(of index: LogIndex) async throws(CommitmentUnknown) {
        try await wait { $0.arrival(of: index, waking: $1) }
    }

    public func confirmation(of decision: Decision) async throws(CommitmentUnknown) {
        try await wait { $0.confirmation(of: decision, waking: $1) }
    }

    public func readBarrier() async throws(CommitmentUnknown) -> LogIndex {
        if let committed = front.withLock({ $0.committedAlone }) { return committed }
        let index = await withCheckedContinuation { (waiter: ReadBarriers.Waiter) in
            if front.withLock({ $0.barrier(waking: waiter) }) {
                inbox.touch(shard)
            } else {
                waiter.resume(returning: nil)
            }
        }
        guard let index else { throw CommitmentUnknown() }
        return index
    }

    private func wait(_ begin: (inout JournalFront, Waiter) -> JournalFront.Answer) async throws(CommitmentUnknown) {
        let isConfirmed = await withCheckedContinuation { (waiter: Waiter) in
            let answer = front.withLock { begin(&$0, waiter) }
            switch answer {
            case .known(let isConfirmed): waiter.resume(returning: isConfirmed)
            case .later: break
            case .afterDirectives: inbox.touch(shard)
            }
        }
        guard isConfirmed else { throw CommitmentUnknown() }
    }

    public func commits() -> AsyncStream<LogIndex> {
        let (stream, continuation) = AsyncStream<LogIndex>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = front.withLock { $0.subscribe(continuation) }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.front.withLock { $0.unsubscribe(key) }
        }
        return stream
    }

    public func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        let committed = committed
        let result = reader.withLock { reader in
            Result { try reader.records(from: first, through: committed, countMax: countMax, bytesMax: bytesMax) }
        }
        do {
            return try result.get()
        } catch let damage as LogUnreadable {
            // A node that cannot read its log must not go on leading, nor count as one who has it.
            drive { $0.replica.reportUnreadable(EntryIndex(damage.index.rawValue)) }
            inbox.touch(shard)
            throw damage
        }
    }

    public func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 {
        let generation = front.withLock { $0.states.queue(changes, through: EntryIndex(checkpoint.rawValue)) }
        inbox.touch(shard)
        return generation
    }

    public func release(through index: LogIndex) {
        // The log gets shorter with what is written next, or with the next tick.
        front.withLock { $0.states.release(through: EntryIndex(index.rawValue)) }
    }
}

extension LogReader {
    /// The records among the entries from `first` to `last`.
    fileprivate func records(
        from first: LogIndex, through last: LogIndex, countMax: Int, bytesMax: Int
    ) throws -> [JournalRecord] {
        var next = max(EntryIndex(first.rawValue), EntryIndex(1))
        let end = EntryIndex(last.rawValue).next
        var records: [JournalRecord] = []
        var bytes = 0
        while next < end, records.count < countMax, bytes < bytesMax {
            guard next >= firstIndex else { throw LogTruncated(first: LogIndex(firstIndex.rawValue)) }
            guard let entries = entries(in: next..<end, bytesMax: bytesMax - bytes), !entries.isEmpty else {
                // It may have gone since.
                guard next >= firstIndex else { throw LogTruncated(first: LogIndex(firstIndex.rawValue)) }
                throw LogUnreadable(index: LogIndex(next.rawValue))
            }
            for entry in entries where records.count < countMax {
                next = entry.index.next
                guard let record = RecordPayload.record(of: entry) else { continue }
                records.append(record)
                bytes += record.bytes.count
            }
        }
        return records
    }
}
