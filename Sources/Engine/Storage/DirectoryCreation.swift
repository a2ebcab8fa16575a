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
        throw .system(operation: "creating \(path)", code: 0, message: error.localizedDescription)
    }
    try syncDirectory(URL(filePath: path).deletingLastPathComponent().path)
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
        throw .system(operation: "removing \(path)", code: 0, message: error.localizedDescription)
    }
}
