import EventSourcing
import Foundation
import LogFormat
import Synchronization

/// Group commit: one dedicated thread writes what all shards have queued, in one transaction, again and again.
///
/// A batch closes when the flush before it returns, so the busier the node, the larger the batch. After any failed
/// write the writer ends: nothing that waits is acknowledged, nothing more is accepted, no flush is tried again.
final class LogWriter: Sendable {
    /// Records that may wait for the flush: some hundred milliseconds of work. Past it callers are refused.
    static let recordsQueuedMax = 65_536
    /// Bytes that may wait for the flush.
    static let bytesQueuedMax = 64 << 20
    /// Rows of state that ride on one commit, so that records never wait long for a clean-up. One group may be larger.
    static let changesPerCommitMax = 8_192

    let environment: LMDBEnvironment
    let seed: UInt32
    let retention: Retention
    private let directory: String
    private let freeBytesMin: UInt64
    private let queue: Mutex<LogQueue>
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let storageIsFull: Atomic<Bool>

    init(
        environment: LMDBEnvironment, identity: DirectoryIdentity, headers: [ShardHeader], directory: String,
        retention: Retention, freeBytesMin: UInt64
    ) throws(StorageError) {
        self.environment = environment
        self.directory = directory
        self.retention = retention
        self.freeBytesMin = freeBytesMin
        seed = identity.checksumSeed
        queue = Mutex(LogQueue(last: headers.map(\.last)))
        storageIsFull = Atomic(try freeBytes(of: directory) < freeBytesMin)
    }

    // MARK: - Queueing

    func enqueue(_ payload: [UInt8], at time: Timestamp, on shard: ShardID) throws(JournalRefusal) -> LogIndex {
        guard payload.count <= JournalRecord.bytesMax else {
            throw .recordTooLarge(bytesMax: JournalRecord.bytesMax)
        }
        if storageIsFull.load(ordering: .relaxed) { try requireRoom() }
        let (result, mustWake) = queue.withLock { queue in
            let result = queue.append(payload, at: time, on: shard)
            guard case .success = result else { return (result, false) }
            return (result, queue.takeIdle())
        }
        if mustWake { wake.signal() }
        return try result.get()
    }

    /// Whether too little of the disk is free, as of now once it was so.
    var isFull: Bool {
        guard storageIsFull.load(ordering: .relaxed) else { return false }
        do throws(JournalRefusal) { try requireRoom() } catch { return true }
        return false
    }

    /// Looks whether there is room again. A disk that cannot be asked counts as full.
    private func requireRoom() throws(JournalRefusal) {
        guard let free = try? freeBytes(of: directory), free >= freeBytesMin else { throw .storageFull }
        storageIsFull.store(false, ordering: .relaxed)
    }

    func enqueue(_ changes: [StateChange], checkpoint: LogIndex, on shard: ShardID) -> UInt64 {
        let (generation, mustWake) = queue.withLock { queue in
            let group = LogQueue.ChangeGroup(shard: shard, changes: changes, checkpoint: checkpoint)
            return (queue.append(group), queue.takeIdle())
        }
        if mustWake { wake.signal() }
        return generation
    }

    func release(_ shard: ShardID, through index: LogIndex) {
        queue.withLock { $0.release(shard, through: index) }
    }

    /// Accepts nothing more, flushes what is queued and returns when the writer has ended. May be called again.
    func close() {
        queue.withLock { $0.close() }
        wake.signal()
        finished.wait()
        finished.signal()
    }

    // MARK: - The writer's thread

    /// Writes until closed or failed. Runs on its own thread, never on the cooperative pool.
    ///
    /// - Throws: the failure that ended it; the journals have been ended before.
    func run(headers: [ShardHeader], journals: [ShardJournal]) throws(StorageError) {
        var headers = headers
        defer {
            queue.withLock { $0.end() }
            for journal in journals { journal.end() }
            finished.signal()
        }
        while true {
            let isFull = storageIsFull.load(ordering: .relaxed)
            switch queue.withLock({ $0.next(sparing: isFull) }) {
            case .end: return
            case .sleep: wake.wait()
            case .write(let batch):
                headers = try commit(batch, on: headers)
                var committed = [[LogRecord]](repeating: [], count: journals.count)
                for record in batch.records { committed[Int(record.shard.rawValue)].append(record) }
                for (position, journal) in journals.enumerated() {
                    journal.didCommit(committed[position], through: headers[position], generation: batch.generation)
                }
                storageIsFull.store(try freeBytes(of: directory) < freeBytesMin, ordering: .relaxed)
            }
        }
    }
}

/// Bytes of free disk that this user may fill.
private func freeBytes(of directory: String) throws(StorageError) -> UInt64 {
    var facts = statvfs()
    guard statvfs(directory, &facts) == 0 else { throw .posix("asking for free disk at \(directory)") }
    return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
}
