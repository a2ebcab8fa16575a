import Consensus
import EventSourcing
import Foundation
import LogFormat

/// A data directory that is locked and open, with all of it checked that is quickly checked. The caller that opens it
/// closes it.
final class OpenDirectory: Sendable {
    let path: String
    let identity: DirectoryIdentity
    let environment: LMDBEnvironment
    /// By shard.
    let logs: [ShardLog]
    let states: [ShardStateStore]
    private let lock: DirectoryLock

    /// - Parameters:
    ///   - shards: how many shards it shall have, 1 to 4,096; nil takes what is there. Fixed at creation.
    ///   - creating: whether to create the directory when there is none, with one shard if `shards` is nil.
    ///   - founding: whose it is or becomes; nil takes what is there.
    init(path: String, shards: Int?, creating: Bool, founding: Founding? = nil) throws(StorageError) {
        self.path = path
        lock = try Self.lock(path, creating: creating)
        if creating, !hasDatabase(path) {
            try createDatabase(in: path, shards: shards ?? 1, founding: founding ?? .alone)
        }
        let environment = try LMDBEnvironment(path: path)
        do throws(StorageError) {
            let identity = try environment.identity()
            if let shards, shards != identity.shards {
                throw StorageError.shardCount(found: identity.shards, asked: shards)
            }
            try founding?.compare(with: identity)
            let seed = identity.checksumSeed
            logs = try environment.headers(identity).enumerated().map { position, header in
                ShardLog(shard: ShardID(UInt16(position)), header: header, environment: environment, seed: seed)
            }
            states = logs.map { ShardStateStore(log: $0, environment: environment, seed: seed) }
            self.identity = identity
            self.environment = environment
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
        // Before the lock: a directory that is refused stays as it is.
        guard creating || hasDatabase(path) else { throw .noDataDirectory(path: path) }
        try DataDirectory.requireRoom(at: path)
        return try DirectoryLock(directory: path)
    }

    /// - Throws: ``StorageError/exposed(path:mode:)`` for a directory in which group or others may write.
    private static func requireOwn(_ path: String) throws(StorageError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .posix("looking at \(path)") }
        let mode = UInt32(status.st_mode) & 0o7777
        guard mode & 0o022 == 0 else { throw .exposed(path: path, mode: mode) }
    }

    /// Writes a directory of an earlier format down in the present one, in one transaction: one that was cut short is
    /// begun again at the next start.
    func migrate() throws(StorageError) {
        guard identity.formatVersion < DirectoryIdentity.formatVersion else { return }
        try environment.write { transaction throws(StorageError) in try writeHeaders(transaction) }
    }

    /// What a migration writes: the entries and the rows stay as they are.
    func writeHeaders(_ transaction: WriteTransaction) throws(StorageError) {
        for log in logs {
            let header = log.header.encoded(seed: identity.checksumSeed)
            try transaction.put(header, in: .hard, forKey: ReplicaHeader.key(log.shard))
        }
        try transaction.put(identity.encoded(), in: .hard, forKey: DirectoryIdentity.key)
    }

    /// - Throws: ``StorageError/needsPeers(node:)`` unless this node decides alone.
    func requireAlone() throws(StorageError) {
        for log in logs where log.header.checkpoint?.membership != Membership(voters: [identity.node]) {
            throw .needsPeers(node: identity.node.rawValue)
        }
    }

    func close() {
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
    fileprivate func headers(_ identity: DirectoryIdentity) throws(StorageError) -> [ReplicaHeader] {
        var headers: [ReplicaHeader] = []
        for number in 0..<identity.shards {
            let shard = ShardID(UInt16(number))
            let header = try read { transaction throws(StorageError) in
                try transaction.header(of: shard, identity)
            }
            try requireEnd(of: shard, header)
            headers.append(header)
        }
        return headers
    }

    /// The entry that the header calls the last is there, and none behind it.
    private func requireEnd(of shard: ShardID, _ header: ReplicaHeader) throws(StorageError) {
        try read { transaction throws(StorageError) in
            if header.base.index < header.last,
                try transaction.value(in: .log, forKey: EntryForm.key(shard, header.last)) == nil
            {
                throw .missingRecord(shard: shard.rawValue, index: header.last.rawValue)
            }
            try transaction.ascend(.log, from: EntryForm.key(shard, header.last.next)) { row throws(StorageError) in
                guard !row.key.starts(with: ReplicaHeader.key(shard)) else {
                    throw .corruptHeader(name: "shard \(shard)")
                }
                return false
            }
        }
    }
}

extension ReadTransaction {
    /// What the `hard` database says of `shard`.
    func header(of shard: ShardID, _ identity: DirectoryIdentity) throws(StorageError) -> ReplicaHeader {
        guard let bytes = try value(in: .hard, forKey: ReplicaHeader.key(shard)) else {
            throw .corruptHeader(name: "shard \(shard)")
        }
        do throws(FormatDamage) {
            return try ReplicaHeader.stored(bytes, node: identity.node, seed: identity.checksumSeed)
        } catch {
            throw .corruptHeader(name: "shard \(shard)")
        }
    }
}
