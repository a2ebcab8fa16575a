import Cluster
import Consensus
import EventSourcing
import LogFormat

/// The rows of one shard as they are at one moment, with the checkpoint that they have then, read piece by piece.
///
/// The database keeps the pages of that moment until this is let go, and grows meanwhile by what is written.
final class HeldRows {
    /// At and below it these rows have everything.
    let checkpoint: Snapshot
    private let shard: ShardID
    private let incarnation: Incarnation
    private let seed: UInt32
    private let view: HeldView
    /// The key of the first row that was not read.
    private var position: [UInt8]
    private var pieces = 0

    init(of shard: ShardID, in environment: LMDBEnvironment, _ identity: DirectoryIdentity) throws(StorageError) {
        view = try environment.hold()
        let header = try view.transaction.header(of: shard, identity)
        guard let checkpoint = header.checkpoint else { throw .corruptHeader(name: "shard \(shard)") }
        self.checkpoint = checkpoint
        self.shard = shard
        incarnation = header.incarnation
        seed = identity.checksumSeed
        position = StateRowForm.fullKey(shard, header.incarnation, [])
    }

    /// The next rows, of about `bytesMax`.
    ///
    /// - Throws: which row is damaged: no other node gets what cannot be trusted here.
    func next(bytesMax: Int) throws(StorageError) -> SnapshotChunk {
        let prefix = StateRowForm.fullKey(shard, incarnation, [])
        var rows: [StateRow] = []
        var bytes = 0
        var isLast = true
        try view.transaction.ascend(.state, from: position) { row throws(StorageError) in
            guard row.key.starts(with: prefix) else { return false }
            guard bytes < bytesMax else {
                position = [UInt8](copying: row.key)
                isLast = false
                return false
            }
            guard StateRowForm.isIntact(key: row.key, value: row.value, seed: seed) else {
                throw .corruptState(shard: shard.rawValue, key: [UInt8](copying: row.key.dropFirst(2)))
            }
            let key = [UInt8](copying: row.key.dropFirst(2))
            rows.append(StateRow(key: key, value: StateRowForm.value(row.value)))
            bytes += row.key.count + row.value.count
            return true
        }
        defer { pieces += 1 }
        return SnapshotChunk(shard: shard, number: pieces, isLast: isLast, rows: rows)
    }
}
