import EventSourcing
import LogFormat
import Synchronization

/// The journal of one shard on a single node: what is flushed here is committed.
public final class ShardJournal: Journal {
    public let shard: ShardID
    private let writer: LogWriter
    private let committedIndex: Atomic<UInt64>
    private let checkpointIndex: Atomic<UInt64>
    private let firstIndex: Atomic<UInt64>
    private let generation = Atomic<UInt64>(0)
    private let waiters = Mutex(Waiters())
    private let recent = Mutex(RecentRecords())

    private struct Waiters {
        var waiting: [(index: LogIndex, continuation: CheckedContinuation<Bool, Never>)] = []
        var subscribers: [UInt64: AsyncStream<LogIndex>.Continuation] = [:]
        var subscriptions: UInt64 = 0
        var ended = false
    }

    init(shard: ShardID, header: ShardHeader, writer: LogWriter) {
        self.shard = shard
        self.writer = writer
        committedIndex = Atomic(header.last.rawValue)
        checkpointIndex = Atomic(header.checkpoint.rawValue)
        firstIndex = Atomic(header.first.rawValue)
    }

    public var committed: LogIndex { LogIndex(committedIndex.load(ordering: .acquiring)) }
    public var checkpoint: LogIndex { LogIndex(checkpointIndex.load(ordering: .acquiring)) }
    public var firstKept: LogIndex { LogIndex(firstIndex.load(ordering: .acquiring)) }
    public var flushedGeneration: UInt64 { generation.load(ordering: .acquiring) }

    public func propose(
        _ record: [UInt8], at time: Timestamp, in term: UInt64
    ) throws(JournalRefusal) -> LogIndex {
        guard term == Leadership.alone.term else { throw .closed }
        return try writer.enqueue(record, at: time, on: shard)
    }

    public func commitment(of index: LogIndex) async throws(CommitmentUnknown) {
        if index <= committed { return }
        let isCommitted = await withCheckedContinuation { continuation in
            let known: Bool? = waiters.withLock { waiters in
                if index <= committed { return true }
                if waiters.ended { return false }
                waiters.waiting.append((index, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
        guard isCommitted else { throw CommitmentUnknown() }
    }

    public func commits() -> AsyncStream<LogIndex> {
        let (stream, continuation) = AsyncStream<LogIndex>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = waiters.withLock { waiters -> UInt64? in
            guard !waiters.ended else { return nil }
            waiters.subscriptions += 1
            waiters.subscribers[waiters.subscriptions] = continuation
            return waiters.subscriptions
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.waiters.withLock { $0.subscribers.removeValue(forKey: key) }
        }
        return stream
    }

    public func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        let known = recent.withLock { $0.read(from: first, countMax: countMax, bytesMax: bytesMax) }
        if let known { return known }
        switch try writer.read(shard, from: max(first, LogIndex(1)), countMax: countMax, bytesMax: bytesMax) {
        case .records(let records): return records
        case .truncated(let first): throw LogTruncated(first: first)
        }
    }

    public func checkpoint(_ changes: [StateChange], through checkpoint: LogIndex) -> UInt64 {
        writer.enqueue(changes, checkpoint: checkpoint, on: shard)
    }

    public func release(through index: LogIndex) {
        writer.release(shard, through: index)
    }

    // MARK: - For the writer

    /// - Parameter records: what was committed of this shard, in order.
    func didCommit(_ records: [LogRecord], through header: ShardHeader, generation flushed: UInt64) {
        checkpointIndex.store(header.checkpoint.rawValue, ordering: .releasing)
        firstIndex.store(header.first.rawValue, ordering: .releasing)
        generation.store(flushed, ordering: .releasing)
        recent.withLock { recent in
            for record in records {
                recent.append(JournalRecord(index: record.index, time: record.time, bytes: record.payload))
            }
            recent.drop(before: header.first)
        }
        guard header.last > committed else { return }
        committedIndex.store(header.last.rawValue, ordering: .releasing)
        let (ready, subscribers) = waiters.withLock { waiters in
            let split = waiters.waiting.partition { $0.index <= header.last }
            let ready = Array(waiters.waiting[split...])
            waiters.waiting.removeSubrange(split...)
            return (ready, Array(waiters.subscribers.values))
        }
        for waiter in ready { waiter.continuation.resume(returning: true) }
        for subscriber in subscribers { subscriber.yield(header.last) }
    }

    /// No more commits will come: callers that still wait are told that the outcome is unknown.
    func end() {
        // A reader that goes on learns from the store that it has closed.
        recent.withLock { $0 = RecentRecords() }
        let (waiting, subscribers) = waiters.withLock { waiters in
            waiters.ended = true
            defer {
                waiters.waiting = []
                waiters.subscribers = [:]
            }
            return (waiters.waiting, Array(waiters.subscribers.values))
        }
        for waiter in waiting { waiter.continuation.resume(returning: false) }
        for subscriber in subscribers { subscriber.finish() }
    }
}
