import Consensus
import EventSourcing
import LogFormat

/// All shards of a data directory as they are at one moment, read piece by piece, whether its node runs or not.
///
/// The database keeps the pages of that moment until this is let go, and grows meanwhile by what is written. One thread
/// at a time reads.
public final class HeldDirectory {
    public let identity: DirectoryIdentity
    /// By shard.
    public let bounds: [LogBounds]
    private let view: HeldView

    init(_ environment: LMDBEnvironment, _ identity: DirectoryIdentity) throws(StorageError) {
        let view = try environment.hold()
        var bounds: [LogBounds] = []
        for number in 0..<identity.shards {
            bounds.append(try view.transaction.bounds(of: ShardID(UInt16(number)), identity))
        }
        self.identity = identity
        self.view = view
        self.bounds = bounds
    }

    /// Committed entries of a shard from `next` on, in order, of about `bytesMax` bytes; none at the end.
    ///
    /// - Throws: which entry is missing or damaged.
    public func entries(of shard: ShardID, from next: EntryIndex, bytesMax: Int) throws(StorageError) -> [Entry] {
        let end = bounds[Int(shard.rawValue)].end.index
        guard next <= end else { return [] }
        return try view.transaction.entries(
            of: shard, in: next..<end.next, bytesMax: bytesMax, seed: identity.checksumSeed)
    }

    /// All rows of a shard, in the order of their keys.
    public func rows(of shard: ShardID) throws(StorageError) -> HeldRows {
        try HeldRows(of: shard, in: view, identity, piecesKept: 1)
    }
}

extension OfflineDirectory {
    /// What lies there.
    public func hold() throws(StorageError) -> HeldDirectory { try HeldDirectory(directory.environment, identity) }
}

extension DataDirectory {
    /// What is committed and on the disk at this moment, of all shards. The node goes on.
    public func hold() throws(StorageError) -> HeldDirectory { try HeldDirectory(directory.environment, identity) }
}

extension ReplicaHeader {
    /// The last entry that is known to be committed. A group of one has committed all that it has written.
    func committed(on node: NodeID) -> EntryIndex {
        checkpoint?.membership == Membership(voters: [node]) ? last : hardState.commit
    }
}

extension ReadTransaction {
    fileprivate func bounds(of shard: ShardID, _ identity: DirectoryIdentity) throws(StorageError) -> LogBounds {
        let header = try header(of: shard, identity)
        let last = header.committed(on: identity.node)
        var end = header.base
        if last > header.base.index {
            let found = try entries(of: shard, in: last..<last.next, bytesMax: 0, seed: identity.checksumSeed)
            end = EntryID(term: found[0].term, index: last)
        }
        return LogBounds(base: header.base, end: end, checkpoint: header.checkpoint?.last ?? .zero)
    }
}
