import Cluster
import Consensus
import EventSourcing
import Foundation
import Synchronization

/// A node's data on disk, and the journals of all its shards on it. The node is alone, and each shard's group has one
/// voter, or it is one of several and has links to its peers.
///
/// Opening takes the directory's lock, checks its identity, brings it into the present format and starts the threads
/// that drive the shards. A node that is alone leads all of them then; a member takes part in elections.
public final class DataDirectory: Sendable {
    public struct Options: Sendable {
        public var retention: Retention
        /// Free disk below which nothing new is accepted, in bytes; of a small volume an eighth of it is enough.
        public var freeBytesMin: UInt64
        /// Stands for the system's word on the volume; nil asks the system.
        var room: (@Sendable () -> DiskRoom)?
        /// Entries of each shard that a member keeps behind the checkpoint whatever its retention says: what a busy
        /// shard writes in the half minute that a restart takes, so that no snapshot is needed after one.
        public var retainedEntries = 200_000

        public init(retention: Retention = .everything, freeBytesMin: UInt64 = 64 << 20) {
            self.retention = retention
            self.freeBytesMin = freeBytesMin
        }

        func look(_ path: String) throws(StorageError) -> DiskRoom {
            if let room { return room() }
            return try DiskRoom(at: path, freeBytesMin: freeBytesMin)
        }
    }

    public var path: String { directory.path }
    public let identity: DirectoryIdentity
    /// One journal a shard, in the order of their ids.
    public let journals: [ReplicatedJournal]
    public let states: [ShardStateStore]

    let disks: DiskNumbers
    let directory: OpenDirectory
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
    ///   - founding: whose directory it is or becomes.
    ///   - links: to the node's peers, before they begin; nil on a node that is alone.
    public init(
        path: String, shards: Int? = nil, creating: Bool, options: Options = Options(), founding: Founding = .alone,
        links: (any PeerLinks)? = nil
    ) throws(StorageError) {
        directory = try OpenDirectory(path: path, shards: shards, creating: creating, founding: founding)
        identity = directory.identity
        states = directory.states
        mapped = Mutex(MappedPages(of: URL(fileURLWithPath: path + "/data.mdb").resolvingSymlinksInPath().path))
        do throws(StorageError) {
            if links == nil { try directory.requireAlone() }
            try directory.migrate()
            disks = try DiskNumbers(directory.environment, seed: identity.checksumSeed)
            let store = NodeStore(
                environment: directory.environment, seed: identity.checksumSeed, retention: options.retention,
                logs: directory.logs)
            thread = try DriverThread(store: store, of: directory, options: options, links: links)
            journals = thread.journals
            try thread.begin()
        } catch {
            directory.close()
            throw error
        }
        start()
    }

    private func start() {
        Thread.start("log-driver") { [self] in
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

    /// The failure that has ended the writer; nil as long as it writes, and once it has been closed.
    public var writerFailure: StorageError? {
        outcome.withLock { outcome in
            guard case .failure(let failure) = outcome.result else { return nil }
            return failure
        }
    }

    /// Adds one that is told of each change in the part that this node plays for a shard. It is called on the thread
    /// that drives the node, and must not block.
    public func observe(_ change: @escaping @Sendable (ShardChange) -> Void) { thread.observe(change) }

    /// Sends peers the snapshots that they need, until the directory is closed. A member runs it as long as it serves.
    public func sendSnapshots() async { await thread.snapshots?.run() }

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

    /// Frames of peers that came and could not be read: a peer of another version, or a fault of one.
    public var malformedFrames: Int { thread.peers?.malformedCount ?? 0 }

    /// The founders of a new cluster that this node has yet to meet, ascending: none of them votes before all have met.
    public var awaitedFounders: [NodeID] { thread.fence.awaited }

    /// How much of the disk is free, as of the last look, a moment ago.
    public var room: DiskRoom { thread.disk.room }

    /// Flushes what is queued and ends the writer. The databases can still be read until `close()`.
    public func finishWriting() { thread.close() }

    /// Flushes, ends the writer and closes the databases. A reader of this directory is told so afterwards.
    public func close() {
        thread.close()
        mapped.withLock { $0 = nil }
        directory.close()
    }
}
