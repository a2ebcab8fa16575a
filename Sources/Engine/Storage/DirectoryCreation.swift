import Cluster
import EventSourcing
import Foundation
import LogFormat

/// Creates the directory at `path`, readable by its owner only, and the directories above it.
func makeDirectory(_ path: String) throws(StorageError) {
    do {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
        throw .foundation("creating \(path)", error)
    }
    try syncDirectory(URL(filePath: path).deletingLastPathComponent().path)
}

/// Whether a node's database is in the directory.
func hasDatabase(_ directory: String) -> Bool { FileManager.default.fileExists(atPath: directory + "/data.mdb") }

extension DataDirectory {
    /// What a node has in its directory beside the database; keys and secrets may be there before its first start.
    private static let namesOfNode: Set = ["creating", "keys", "lock", "lock.mdb", "members.json", "secrets"]

    /// Looks whether a node may have its directory at `path`: where there is nothing yet, where a shop is, or where
    /// there are only hidden files, the `lost+found` of a volume, and what nodes make.
    ///
    /// - Throws: ``StorageError/foreignDirectory(path:name:)`` for any other, which a slip of an operator has named.
    public static func requireRoom(at path: String) throws(StorageError) {
        guard FileManager.default.fileExists(atPath: path), !hasDatabase(path) else { return }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .foundation("reading \(path)", error)
        }
        let foreign = names.filter { !$0.hasPrefix(".") && !$0.hasPrefix("search.sqlite") && $0 != "lost+found" }
        if let name = foreign.filter({ !namesOfNode.contains($0) }).min() {
            throw .foreignDirectory(path: path, name: name)
        }
    }
}

/// Puts a new, empty database into `directory`, which the caller has locked.
///
/// It is built aside and renamed into place, so that a database without an identity is always a damaged one, and
/// never a new one: a shop's data is never mistaken for an empty shop.
func createDatabase(in directory: String, shards: Int, founding: Founding) throws(StorageError) {
    let shardsMax = Int(Slot.count)
    guard (1...shardsMax).contains(shards) else { throw .shardsOutOfRange(asked: shards, max: shardsMax) }
    let identity = try founding.identity(shards: shards)
    let workshop = directory + "/creating"
    try removeTree(workshop)
    try makeDirectory(workshop)
    let environment = try LMDBEnvironment(path: workshop)
    defer { environment.close() }
    try environment.write { transaction throws(StorageError) in
        try transaction.put(identity.encoded(), in: .hard, forKey: DirectoryIdentity.key)
        try DiskNumbers.draw(in: transaction, seed: identity.checksumSeed)
        for shard in 0..<shards {
            let shard = ShardID(UInt16(shard))
            var header = ReplicaHeader()
            header.checkpoint = ReplicatedJournal.founding(shard, members: identity.founders).checkpoint
            let bytes = header.encoded(seed: identity.checksumSeed)
            try transaction.put(bytes, in: .hard, forKey: ReplicaHeader.key(shard))
        }
    }
    guard rename(workshop + "/data.mdb", directory + "/data.mdb") == 0 else {
        throw .posix("renaming \(workshop)/data.mdb")
    }
    try syncDirectory(directory)
    try removeTree(workshop)
}

private func removeTree(_ path: String) throws(StorageError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw .foundation("removing \(path)", error)
    }
}

extension StorageError {
    /// What Foundation could not do, as the system called it.
    fileprivate static func foundation(_ operation: String, _ error: any Error) -> StorageError {
        guard let cause = (error as? CocoaError)?.underlying as? POSIXError else {
            return .system(operation: operation, code: 0, message: error.localizedDescription)
        }
        let code = cause.code.rawValue
        return .system(operation: operation, code: code, message: String(cString: strerror(code)))
    }
}
