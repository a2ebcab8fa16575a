import Cluster
import Consensus
import EventSourcing
import LogFormat

/// The rows of one shard as they are at one moment, with the checkpoint that they have then, read piece by piece.
///
/// The database keeps the pages of that moment until this is let go, and grows meanwhile by what is written.
public final class HeldRows {
    /// At and below it these rows have everything.
    let checkpoint: Snapshot
    private let shard: ShardID
    private let incarnation: Incarnation
    private let seed: UInt32
    private let view: HeldView
    /// Where pieces begin, by their numbers: the next one, and those that may be read again.
    private var starts: [Int: [UInt8]]
    private let piecesKept: Int
    /// The number of the next piece.
    private(set) var pieces = 0
    public private(set) var isAtEnd = false

    /// - Parameter piecesKept: so many of the pieces that were read last can be read again.
    init(
        of shard: ShardID, in view: HeldView, _ identity: DirectoryIdentity, piecesKept: Int
    ) throws(StorageError) {
        let header = try view.transaction.header(of: shard, identity)
        guard let checkpoint = header.checkpoint else { throw .corruptHeader(name: "shard \(shard)") }
        self.view = view
        self.checkpoint = checkpoint
        self.shard = shard
        incarnation = header.incarnation
        seed = identity.checksumSeed
        starts = [0: StateRowForm.fullKey(shard, header.incarnation, [])]
        self.piecesKept = piecesKept
    }

    /// Goes back to a piece: it is the next one again.
    func rewind(to piece: Int) {
        guard piece < pieces else { return }
        precondition(starts[piece] != nil, "a piece is read again that was staged")
        pieces = piece
        isAtEnd = false
    }

    /// The next rows, of about `bytesMax`.
    ///
    /// - Throws: which row is damaged: no other node gets what cannot be trusted here.
    public func next(bytesMax: Int) throws(StorageError) -> SnapshotChunk {
        let number = pieces
        var rows: [StateRow] = []
        try visitNext(bytesMax: bytesMax) { key, value in
            rows.append(StateRow(key: [UInt8](copying: key), value: [UInt8](copying: value)))
        }
        return SnapshotChunk(shard: shard, number: number, isLast: isAtEnd, rows: rows)
    }

    /// As `next`, without a copy: hands the bytes to `body` as they lie in the database, valid until it returns.
    public func visitNext(
        bytesMax: Int, _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) throws(StorageError) {
        guard let start = starts[pieces] else { preconditionFailure("nothing comes behind the last piece") }
        let prefix = StateRowForm.fullKey(shard, incarnation, [])
        var bytes = 0
        var next: [UInt8]?
        try view.transaction.ascend(.state, from: start) { row throws(StorageError) in
            guard row.key.starts(with: prefix) else { return false }
            guard bytes < bytesMax else {
                next = [UInt8](copying: row.key)
                return false
            }
            let key = UnsafeRawBufferPointer(rebasing: row.key.dropFirst(prefix.count))
            guard StateRowForm.isIntact(key: row.key, value: row.value, seed: seed) else {
                throw .corruptState(shard: shard.rawValue, key: [UInt8](copying: key))
            }
            body(key, StateRowForm.valueInPlace(row.value))
            bytes += row.key.count + row.value.count
            return true
        }
        isAtEnd = next == nil
        starts[pieces - piecesKept] = nil
        pieces += 1
        starts[pieces] = next
    }
}
