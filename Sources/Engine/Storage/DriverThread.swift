import Cluster
import Consensus
import EventSourcing
import Foundation
import Synchronization

/// The thread of a node that is alone: it takes the driver's turns, and performs what they order on the store.
///
/// The write that a turn orders closes when the flush before it returns, so the busier the node, the larger the write.
/// A node alone has no peer to answer while it flushes, so one thread does both, and no commit waits for a change of
/// threads. After any failed write the thread ends: nothing that waits is acknowledged, nothing more is accepted.
final class DriverThread: Sendable {
    /// What no caller waits for is written so often, and the disk's room is looked at again.
    private static let tickMilliseconds = 100

    let journals: [ReplicatedJournal]
    private let driver: NodeDriver
    private let inbox: NodeInbox
    private let store: NodeStore
    private let directory: String
    private let freeBytesMin: UInt64
    private let wake: DispatchSemaphore
    private let finished = DispatchSemaphore(value: 0)
    private let isClosing = Atomic<Bool>(false)
    private let storageIsFull = Atomic<Bool>(false)

    init(store: NodeStore, directory: String, freeBytesMin: UInt64) throws(StorageError) {
        let wake = DispatchSemaphore(value: 0)
        let inbox = NodeInbox(shards: store.logs.count) { wake.signal() }
        var journals: [ReplicatedJournal] = []
        for log in store.logs {
            let header = log.header
            guard header.checkpoint != nil else { throw .corruptHeader(name: "shard \(log.shard)") }
            journals.append(
                ReplicatedJournal(
                    shard: log.shard, node: OpenDirectory.node, configuration: .alone, reader: log, records: log,
                    stored: StoredGroup(hardState: header.hardState, checkpoint: header.checkpoint),
                    retainedEntries: 0, generator: SystemRandomNumberGenerator(), inbox: inbox))
        }
        self.journals = journals
        driver = NodeDriver(journals: journals, inbox: inbox)
        self.inbox = inbox
        self.wake = wake
        self.store = store
        self.directory = directory
        self.freeBytesMin = freeBytesMin
    }

    var isFull: Bool { storageIsFull.load(ordering: .relaxed) }

    /// Commits what the last run left, and takes the lead of every shard. Called before `run`, on any thread.
    func begin() throws(StorageError) {
        try lookForRoom()
        inbox.putTick()
        try takeTurns()
        for journal in journals { journal.campaign() }
        try takeTurns()
    }

    /// Drives until closed or failed. Runs on its own thread, never on the cooperative pool.
    ///
    /// - Throws: the failure that ended it; the journals have been ended before.
    func run() throws(StorageError) {
        defer {
            driver.end()
            for log in store.logs { log.end() }
            finished.signal()
        }
        let tick = DispatchTimeInterval.milliseconds(Self.tickMilliseconds)
        var nextTick = DispatchTime.now() + tick
        while !isClosing.load(ordering: .acquiring) {
            try takeTurns()
            _ = wake.wait(timeout: nextTick)
            guard DispatchTime.now() >= nextTick else { continue }
            nextTick = .now() + tick
            if isFull { try lookForRoom() }
            inbox.putTick()
        }
        // One tick collects what waits for no flush, the next has it written.
        var idleTicks = 0
        while idleTicks < 2 {
            inbox.putTick()
            idleTicks = try takeTurns() ? 0 : idleTicks + 1
        }
    }

    /// Writes what is queued, and returns when the thread has ended. May be called again.
    func close() {
        isClosing.store(true, ordering: .releasing)
        wake.signal()
        finished.wait()
        finished.signal()
    }

    /// - Returns: whether anything was written.
    @discardableResult
    private func takeTurns() throws(StorageError) -> Bool {
        var hasWritten = false
        while let directives = driver.turn() {
            for item in directives.changes {
                if case .stopped(let failure) = item.change { throw reason(of: failure, item.shard) }
            }
            guard let write = directives.write else { continue }
            try store.write(write.parts)
            hasWritten = true
            try lookForRoom()
            inbox.putFlushed(write.number)
        }
        return hasWritten
    }

    private func reason(of failure: ReplicaFailure, _ shard: ShardID) -> StorageError {
        store.logs[Int(shard.rawValue)].damage
            ?? .system(operation: "replicating shard \(shard)", code: 0, message: "\(failure)")
    }

    private func lookForRoom() throws(StorageError) {
        let isFull = try freeBytes(of: directory) < freeBytesMin
        guard storageIsFull.exchange(isFull, ordering: .relaxed) != isFull else { return }
        for journal in journals { journal.setStorageFull(isFull) }
    }
}

extension ReplicaConfiguration {
    /// Of a node that is alone: there is no other to be asked whether an election could be won.
    fileprivate static var alone: ReplicaConfiguration {
        var configuration = ReplicaConfiguration()
        configuration.preVotes = false
        return configuration
    }
}

/// Bytes of free disk that this user may fill.
private func freeBytes(of directory: String) throws(StorageError) -> UInt64 {
    var facts = statvfs()
    guard statvfs(directory, &facts) == 0 else { throw .posix("asking for free disk at \(directory)") }
    return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
}
