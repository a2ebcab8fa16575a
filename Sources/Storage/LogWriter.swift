import EventSourcing
import Foundation
import Synchronization
import Wire

/// Group commit: one dedicated thread writes what all shards have queued, in one transaction, again and again.
///
/// A batch closes when the flush before it returns, so the busier the node, the larger the batch. After any failed
/// write the writer ends: nothing that waits is acknowledged, nothing more is accepted, no flush is tried again.
final class LogWriter: Sendable {
    /// Records that may wait for the flush: some hundred milliseconds of work. Past it callers are refused.
    static let recordsQueuedMax = 65_536
    /// Bytes that may wait for the flush.
    static let bytesQueuedMax = 64 << 20
    /// One record: four times the largest request body.
    static let recordBytesMax = 4 << 20
    /// Below this much free disk nothing new is accepted, so that what runs can still finish and clean up.
    static let freeBytesMin: UInt64 = 64 << 20

    private let environment: LMDBEnvironment
    private let seed: UInt32
    private let directory: String
    private let retention: Retention
    private let queue: Mutex<Queue>
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let storageIsFull = Atomic<Bool>(false)
    private let freeBytesMin: UInt64

    struct Batch {
        var records: [LogRecord] = []
        var bytes = 0
        var changes: [(shard: ShardID, changes: [StateChange], checkpoint: LogIndex)] = []
        var isEmpty: Bool { records.isEmpty && changes.isEmpty }
    }

    private struct Queue {
        enum Phase { case open, closing, ended }
        var phase = Phase.open
        var writerIsIdle = true
        var batch = Batch()
        /// The last index given out, by shard.
        var last: [LogIndex]
        /// Records at and below it may be deleted, by shard.
        var released: [LogIndex]
        /// The generation that the batch now filling belongs to.
        var generation: UInt64 = 1

        /// Whether the writer must be woken; it then counts as busy.
        mutating func takeIdle() -> Bool {
            defer { writerIsIdle = false }
            return writerIsIdle
        }
    }

    init(
        environment: LMDBEnvironment, identity: DirectoryIdentity, headers: [ShardHeader], directory: String,
        retention: Retention, freeBytesMin: UInt64
    ) {
        self.environment = environment
        self.directory = directory
        self.retention = retention
        self.freeBytesMin = freeBytesMin
        seed = identity.checksumSeed
        queue = Mutex(Queue(last: headers.map(\.last), released: headers.map { _ in .zero }))
    }

    // MARK: - Queueing

    func enqueue(_ payload: [UInt8], at time: Timestamp, on shard: ShardID) throws(JournalRefusal) -> LogIndex {
        guard payload.count <= Self.recordBytesMax else {
            throw .recordTooLarge(bytesMax: Self.recordBytesMax)
        }
        guard !storageIsFull.load(ordering: .relaxed) else { throw .storageFull }
        let (result, mustWake) = queue.withLock { queue -> (Result<LogIndex, JournalRefusal>, Bool) in
            guard queue.phase == .open else { return (.failure(.closed), false) }
            guard queue.batch.records.count < Self.recordsQueuedMax, queue.batch.bytes < Self.bytesQueuedMax else {
                return (.failure(.full), false)
            }
            let position = Int(shard.rawValue)
            let index = queue.last[position].next
            queue.last[position] = index
            queue.batch.records.append(LogRecord(shard: shard, index: index, term: 1, time: time, payload: payload))
            queue.batch.bytes += payload.count
            return (.success(index), queue.takeIdle())
        }
        if mustWake { wake.signal() }
        return try result.get()
    }

    func enqueue(_ changes: [StateChange], checkpoint: LogIndex, on shard: ShardID) -> UInt64 {
        let (generation, mustWake) = queue.withLock { queue in
            queue.batch.changes.append((shard, changes, checkpoint))
            return (queue.generation, queue.takeIdle())
        }
        if mustWake { wake.signal() }
        return generation
    }

    func release(_ shard: ShardID, through index: LogIndex) {
        queue.withLock { $0.released[Int(shard.rawValue)] = max($0.released[Int(shard.rawValue)], index) }
    }

    /// Accepts nothing more, flushes what is queued and returns when the thread has ended.
    func close() {
        let mustWait = queue.withLock { queue in
            defer { if queue.phase == .open { queue.phase = .closing } }
            return queue.phase == .open
        }
        guard mustWait else { return }
        wake.signal()
        finished.wait()
    }

    // MARK: - The writer's thread

    /// Writes until closed or failed. Runs on its own thread, never on the cooperative pool.
    ///
    /// - Throws: the failure that ended it; the journals have been ended before.
    func run(headers: [ShardHeader], journals: [ShardJournal]) throws(StorageError) {
        var headers = headers
        defer {
            queue.withLock { $0.phase = .ended }
            for journal in journals { journal.end() }
            finished.signal()
        }
        while true {
            let next = queue.withLock { queue -> (batch: Batch, released: [LogIndex], generation: UInt64)? in
                if queue.batch.isEmpty {
                    queue.writerIsIdle = true
                    return nil
                }
                defer {
                    queue.batch = Batch()
                    queue.generation += 1
                }
                return (queue.batch, queue.released, queue.generation)
            }
            guard let (batch, released, generation) = next else {
                if queue.withLock({ $0.phase != .open }) { return }
                wake.wait()
                continue
            }
            try commit(batch, released: released, headers: &headers)
            for (journal, header) in zip(journals, headers) { journal.didCommit(through: header, generation: generation) }
            storageIsFull.store(freeBytes() < freeBytesMin, ordering: .relaxed)
        }
    }

    private func commit(_ batch: Batch, released: [LogIndex], headers: inout [ShardHeader]) throws(StorageError) {
        var next = headers
        try environment.write { transaction throws(StorageError) in
            for record in batch.records {
                let value = record.encoded(seed: seed)
                try transaction.put(value, in: .log, forKey: LogRecord.key(record.shard, record.index))
                next[Int(record.shard.rawValue)].last = record.index
                next[Int(record.shard.rawValue)].logBytes += UInt64(value.count)
            }
            for (shard, changes, checkpoint) in batch.changes {
                for change in changes { try apply(change, on: shard, in: transaction) }
                let position = Int(shard.rawValue)
                next[position].checkpoint = max(next[position].checkpoint, checkpoint)
            }
            let now = batch.records.last?.time ?? .zero
            for position in next.indices {
                try truncate(&next[position], shard: ShardID(UInt16(position)), through: released[position], now: now, transaction)
                guard next[position] != headers[position] else { continue }
                let shard = ShardID(UInt16(position))
                try transaction.put(next[position].encoded(seed: seed), in: .hard, forKey: ShardHeader.key(shard))
            }
        }
        headers = next
    }

    private func apply(
        _ change: StateChange, on shard: ShardID, in transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        let key = ShardStateStore.key(shard, change.key)
        guard let value = change.value else { return try transaction.delete(from: .state, key: key) }
        try transaction.put(ShardStateStore.encoded(value, key: key, seed: seed), in: .state, forKey: key)
    }

    /// Deletes the oldest records that retention does not keep and nobody needs.
    private func truncate(
        _ header: inout ShardHeader, shard: ShardID, through released: LogIndex, now: Timestamp,
        _ transaction: borrowing WriteTransaction
    ) throws(StorageError) {
        guard retention != .everything else { return }
        let end = min(header.checkpoint, released)
        for _ in 0..<Retention.recordsPerCommitMax where header.first <= end {
            let key = LogRecord.key(shard, header.first)
            guard let value = try transaction.value(in: .log, forKey: key) else {
                throw .missingRecord(shard: shard.rawValue, index: header.first.rawValue)
            }
            let record = try LogRecord.decode(value, shard: shard, index: header.first, seed: seed)
            guard retention.releases(recordOf: record.time, now: now, logBytes: header.logBytes) else { return }
            try transaction.delete(from: .log, key: key)
            header.first = header.first.next
            header.logBytes -= min(UInt64(value.count), header.logBytes)
        }
    }

    // MARK: - Reading

    func records(
        of shard: ShardID, from first: LogIndex, countMax: Int, bytesMax: Int
    ) throws(StorageError) -> [JournalRecord] {
        try environment.readRecords(of: shard, from: first, countMax: countMax, bytesMax: bytesMax, seed: seed)
            .map { JournalRecord(index: $0.index, time: $0.time, bytes: $0.payload) }
    }

    private func freeBytes() -> UInt64 {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { return .max }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }
}
