import EventSourcing
import Foundation
import LogFormat
import Synchronization

/// A node's data on disk: one LMDB environment that serves the logs and states of all its shards.
///
/// Opening takes the directory's lock, checks its identity and starts the writer's thread.
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

    public let path: String
    public let identity: DirectoryIdentity
    /// One journal a shard, in the order of their ids.
    public let journals: [ShardJournal]
    public let states: [ShardStateStore]
    /// The first index that each shard's log still holds, when the directory was opened.
    public let firstIndices: [LogIndex]

    private let environment: LMDBEnvironment
    private let writer: LogWriter
    private let lock: DirectoryLock
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
        self.path = path
        lock = try Self.lock(path, creating: creating)
        if !FileManager.default.fileExists(atPath: path + "/data.mdb") {
            guard creating else { throw .noDataDirectory(path: path) }
            try createDatabase(in: path, shards: shards ?? 1)
        }
        let environment = try LMDBEnvironment(path: path)
        do throws(StorageError) {
            identity = try environment.identity()
            if let shards, shards != identity.shards {
                throw StorageError.shardCount(found: identity.shards, asked: shards)
            }
            let headers = try environment.headers(identity)
            firstIndices = headers.map(\.first)
            let writer = try LogWriter(
                environment: environment, identity: identity, headers: headers, directory: path,
                retention: options.retention, freeBytesMin: options.freeBytesMin)
            let seed = identity.checksumSeed
            let ids = headers.indices.map { ShardID(UInt16($0)) }
            journals = zip(ids, headers).map { ShardJournal(shard: $0, header: $1, writer: writer) }
            states = ids.map { ShardStateStore(shard: $0, environment: environment, seed: seed) }
            self.environment = environment
            self.writer = writer
            mapped = Mutex(MappedPages(of: URL(fileURLWithPath: path + "/data.mdb").resolvingSymlinksInPath().path))
            start(headers)
        } catch {
            environment.close()
            throw error
        }
    }

    private static func lock(_ path: String, creating: Bool) throws(StorageError) -> DirectoryLock {
        if !FileManager.default.fileExists(atPath: path) {
            guard creating else { throw .noDataDirectory(path: path) }
            try makeDirectory(path)
        }
        try requireOwn(path)
        return try DirectoryLock(directory: path)
    }

    /// - Throws: ``StorageError/exposed(path:mode:)`` for a directory in which group or others may write.
    private static func requireOwn(_ path: String) throws(StorageError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .posix("looking at \(path)") }
        let mode = UInt32(status.st_mode) & 0o7777
        guard mode & 0o022 == 0 else { throw .exposed(path: path, mode: mode) }
    }

    private func start(_ headers: [ShardHeader]) {
        let thread = Thread { [self] in
            let result: Result<Void, StorageError>
            do throws(StorageError) {
                try writer.run(headers: headers, journals: journals)
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
        thread.name = "log-writer"
        thread.start()
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
    public var isFull: Bool { writer.isFull }

    /// Flushes what is queued and ends the writer. The databases can still be read until `close()`.
    public func finishWriting() { writer.close() }

    /// Flushes, ends the writer and closes the databases. A reader of this directory is told so afterwards.
    public func close() {
        writer.close()
        mapped.withLock { $0 = nil }
        environment.close()
        lock.release()
    }
}

extension LMDBEnvironment {
    fileprivate func identity() throws(StorageError) -> DirectoryIdentity {
        try read { transaction throws(StorageError) in
            guard let stored = try transaction.value(in: .hard, forKey: DirectoryIdentity.key) else {
                throw .corruptHeader(name: "node")
            }
            return try DirectoryIdentity(stored)
        }
    }

    /// Reads every shard's header and checks that its log ends where the header says.
    fileprivate func headers(_ identity: DirectoryIdentity) throws(StorageError) -> [ShardHeader] {
        var headers: [ShardHeader] = []
        for number in 0..<identity.shards {
            let shard = ShardID(UInt16(number))
            let header = try read { transaction throws(StorageError) in
                try transaction.header(of: shard, seed: identity.checksumSeed)
            }
            try requireEnd(of: shard, header)
            headers.append(header)
        }
        return headers
    }

    /// The record that the header calls the last is there, and none behind it.
    private func requireEnd(of shard: ShardID, _ header: ShardHeader) throws(StorageError) {
        try read { transaction throws(StorageError) in
            if header.first <= header.last,
                try transaction.value(in: .log, forKey: LogRecord.key(shard, header.last)) == nil
            {
                throw .missingRecord(shard: shard.rawValue, index: header.last.rawValue)
            }
            try transaction.ascend(.log, from: LogRecord.key(shard, header.last.next)) { row throws(StorageError) in
                guard !row.key.starts(with: ShardHeader.key(shard)) else {
                    throw .corruptHeader(name: "shard \(shard)")
                }
                return false
            }
        }
    }
}
