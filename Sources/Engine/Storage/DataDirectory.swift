import Cluster
import Consensus
import EventSourcing
import Foundation
import Synchronization

/// A node's data on disk, and the journals of all its shards on it. The node is alone: each shard's group has one
/// voter.
///
/// Opening takes the directory's lock, checks its identity, brings it into the present format, takes the lead of every
/// shard and starts the thread that drives them.
public final class DataDirectory: Sendable {
    public struct Options: Sendable {
        public var retention: Retention
        /// Free disk below which nothing new is accepted, in bytes.
        public var freeBytesMin: UInt64

        public init(retention: Retention = .everything, freeBytesMin: UInt64 = 64 << 20) {
            self.retention = retention
            self.freeBytesMin = freeBytesMin
        }
    }

    public let identity: DirectoryIdentity
    /// One journal a shard, in the order of their ids.
    public let journals: [ReplicatedJournal]
    public let states: [ShardStateStore]

    private let directory: OpenDirectory
    private let thread: DriverThread
    /// Nil once closed: what is mapped there then belongs to others.
    private let mapped: Mutex<MappedPages?>
    private let outcome = Mutex(Outcome())

    private struct Outcome {
        var result: Result<Void, StorageError>?
        var waiting: [CheckedContinuation<Result<Void, StorageError>, Never>] = []
    }

    /// Opens the directory at `path`. The caller that opens it closes it: until then its thread keeps it alive.
    ///
    /// - Parameters:
    ///   - shards: how many shards it shall have, 1 to 4,096; nil takes what is there. Fixed at creation.
    ///   - creating: whether to create the directory when there is none, with one shard if `shards` is nil.
    public init(
        path: String, shards: Int? = nil, creating: Bool, options: Options = Options()
    ) throws(StorageError) {
        directory = try OpenDirectory(path: path, shards: shards, creating: creating)
        identity = directory.identity
        states = directory.states
        mapped = Mutex(MappedPages(of: URL(fileURLWithPath: path + "/data.mdb").resolvingSymlinksInPath().path))
        do throws(StorageError) {
            try directory.migrate()
            let store = NodeStore(
                environment: directory.environment, seed: identity.checksumSeed, retention: options.retention,
                logs: directory.logs)
            thread = try DriverThread(store: store, directory: path, freeBytesMin: options.freeBytesMin)
            journals = thread.journals
            try thread.begin()
        } catch {
            directory.close()
            throw error
        }
        start()
    }

    private func start() {
        let system = Thread { [self] in
            let result: Result<Void, StorageError>
            do throws(StorageError) {
                try thread.run()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            let waiting = outcome.withLock { outcome in
                outcome.result = result
                defer { outcome.waiting = [] }
                return outcome.waiting
            }
            for continuation in waiting { continuation.resume(returning: result) }
        }
        system.name = "log-writer"
        system.start()
    }

    /// Returns when the writer has been closed.
    ///
    /// - Throws: the write failure that ended it. The process must then stop: what is on the disk is the truth, and
    ///   only a restart reads it.
    public func writerEnded() async throws(StorageError) {
        let result = await withCheckedContinuation { continuation in
            let known = outcome.withLock { outcome in
                if outcome.result == nil { outcome.waiting.append(continuation) }
                return outcome.result
            }
            if let known { continuation.resume(returning: known) }
        }
        try result.get()
    }

    /// Gives the database's mapped pages back to the system's cache when more than `limit` bytes are in memory.
    ///
    /// - Returns: whether they were.
    @discardableResult
    public func releaseMappedPages(past limit: Int) -> Bool {
        guard let resident = MappedPages.residentBytes, resident > limit else { return false }
        return mapped.withLock { mapped in
            mapped?.release()
            return mapped != nil
        }
    }

    /// Whether too little of the disk is free for anything new to be accepted.
    public var isFull: Bool { thread.isFull }

    /// Flushes what is queued and ends the writer. The databases can still be read until `close()`.
    public func finishWriting() { thread.close() }

    /// Flushes, ends the writer and closes the databases. A reader of this directory is told so afterwards.
    public func close() {
        thread.close()
        mapped.withLock { $0 = nil }
        directory.close()
    }
}
