/// Why storage cannot be opened, or had to stop. Each names what to do about it in its description.
public enum StorageError: Error, Hashable, Sendable {
    /// Another process holds the data directory, or this one has opened it before.
    case alreadyOpen(path: String)
    /// The directory was written by a program with another format version.
    case formatVersion(found: UInt16, supported: UInt16)
    /// The directory was created with another number of shards.
    case shardCount(found: Int, asked: Int)
    /// The directory is another node's.
    case otherNode(found: UInt64, asked: UInt64)
    /// The directory is that of a node of another cluster.
    case otherCluster(found: UInt64)
    /// A new cluster's first nodes do not include the node, or include one that is to join them later.
    case impossibleFounding(node: UInt64, founders: [UInt64])
    /// The directory is that of one node of several, which does nothing without its peers.
    case needsPeers(node: UInt64)
    /// There is no data directory at the path, and none was to be created.
    case noDataDirectory(path: String)
    /// The directory holds no shop, and something else.
    case foreignDirectory(path: String, name: String)
    /// Others than the owner may write in the directory, and so put another database in its place.
    case exposed(path: String, mode: UInt32)
    /// More shards than there are routing slots, or none.
    case shardsOutOfRange(asked: Int, max: Int)
    /// The database file is shorter than what was committed to it.
    case fileCutShort(path: String, bytes: UInt64, bytesExpected: UInt64)
    /// The directory has been closed; nothing can be read through it any more.
    case closed(path: String)
    /// A record does not match its checksum, or is not the record its key says it is.
    case corruptRecord(shard: UInt16, index: UInt64, reason: String)
    /// Records are missing between the checkpoint and the last index that was committed.
    case missingRecord(shard: UInt16, index: UInt64)
    /// A state row does not match its checksum.
    case corruptState(shard: UInt16, key: [UInt8])
    /// The identity of the directory or of a shard cannot be read.
    case corruptHeader(name: String)
    /// So little of the volume is free that nothing could be written safely.
    case noRoom(path: String, freeBytes: UInt64, freeBytesMin: UInt64)
    /// The node can take no further part in a shard's consensus.
    case notReplicated(shard: UInt16, reason: String)
    /// LMDB or the file system failed. After a failed write the environment is not used again.
    case system(operation: String, code: Int32, message: String)
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .alreadyOpen(let path):
            "the data directory \(path) is already open; stop the process that holds it first"
        case .formatVersion(let found, let supported):
            "the data directory has format version \(found), this program reads version \(supported); "
                + "use the program that wrote it, or restore a snapshot"
        case .shardCount(let found, let asked):
            "the data directory was created with --shards \(found), not \(asked); "
                + "the number of shards is fixed at creation"
        case .otherNode(let found, let asked):
            "the data directory is that of node \(found), not of node \(asked); "
                + "a node that has lost its disk joins under a new id, with an empty directory"
        case .otherCluster(let found):
            "the data directory belongs to another cluster (\(String(found, radix: 16))); "
                + "give each cluster directories of its own"
        case .impossibleFounding(let node, let founders):
            "node \(node) cannot be founded in a cluster whose first nodes are \(founders)"
        case .needsPeers(let node):
            "the data directory is that of node \(node) of a cluster; start it with its peers"
        case .noDataDirectory(let path):
            "there is no data directory at \(path)"
        case .foreignDirectory(let path, let name):
            "\(path) holds no shop, and is not empty: \(name) is there; give the node a directory of its own"
        case .exposed(let path, let mode):
            "the data directory \(path) has mode \(String(mode, radix: 8)), so that others may write in it; "
                + "take that from them (chmod go-w \(path))"
        case .shardsOutOfRange(let asked, let max):
            "--shards is \(asked); it must be from 1 to \(max)"
        case .fileCutShort(let path, let bytes, let bytesExpected):
            "\(path) has \(bytes) bytes of \(bytesExpected); restore a snapshot or another replica"
        case .closed(let path):
            "the data directory \(path) has been closed"
        case .corruptRecord(let shard, let index, let reason):
            "record \(index) of shard \(shard) is damaged (\(reason)); restore a snapshot or another replica"
        case .missingRecord(let shard, let index):
            "record \(index) of shard \(shard) is missing though it was committed; restore a snapshot or another "
                + "replica"
        case .corruptState(let shard, let key):
            "a state of shard \(shard) is damaged (key \(hexadecimal(key))); restore a snapshot or another replica"
        case .corruptHeader(let name):
            "the header \"\(name)\" of the data directory is damaged; restore a snapshot or another replica"
        case .noRoom(let path, let freeBytes, let freeBytesMin):
            "the disk is full: \(freeBytes) bytes are free at \(path), and a node needs \(freeBytesMin) to start; make "
                + "room first"
        case .notReplicated(let shard, let reason):
            "shard \(shard) is replicated no longer: \(reason)"
        case .system(let operation, let code, let message):
            "\(operation) failed: \(message) (\(code))"
        }
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.prefix(64).map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
