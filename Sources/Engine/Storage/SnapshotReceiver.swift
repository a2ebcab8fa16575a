import Cluster
import Consensus
import EventSourcing
import LogFormat
import Synchronization

/// Takes in the snapshots that peers send: each piece is written where it is not current as it comes, by the thread
/// that writes.
///
/// A shard takes in one snapshot at a time; one that another leader begins replaces one that is not complete.
final class SnapshotReceiver: Sendable {
    private let disk: NodeDisk
    private let inbox: NodeInbox
    private let links: any PeerLinks
    private let seed: UInt32
    /// By shard.
    private let areas: Mutex<[Area]>

    private struct Area {
        var transfer: UInt64?
        var pieces = 0
        var hasLast = false
        /// The key of the last row.
        var last: [UInt8]?
        /// As long as it is there the replica may want the rows.
        weak var staged: StagedRows?
    }

    init(_ disk: NodeDisk, inbox: NodeInbox, links: any PeerLinks, seed: UInt32) {
        self.disk = disk
        self.inbox = inbox
        self.links = links
        self.seed = seed
        areas = Mutex(disk.store.logs.map { _ in Area() })
    }

    /// Stages a piece, or hands a snapshot on that is complete, and tells the sender how far it has come.
    ///
    /// - Throws: the failure to write, with which the node ends.
    func take(_ frame: SnapshotFrame, from peer: NodeID) throws(StorageError) {
        let answer: (transfer: UInt64, pieces: Int, receipt: SnapshotReceipt)
        switch frame {
        case .piece(let transfer, let chunk):
            guard let pieces = try stage(chunk, of: transfer) else {
                answer = (transfer, 0, .refused)
                break
            }
            answer = (transfer, pieces, .staging)
        case .end(let transfer, let pieces, let item):
            answer = (transfer, pieces, complete(item, pieces: pieces, of: transfer) ? .complete : .refused)
        case .receipt: return
        }
        let bytes = SnapshotFrame.receipt(
            transfer: answer.transfer, pieces: answer.pieces, answer.receipt).encoded(seed: seed)
        links.send(bytes, on: .snapshots, to: peer)
    }

    /// - Returns: how many pieces are staged; nil when this one does not follow them.
    private func stage(_ chunk: SnapshotChunk, of transfer: UInt64) throws(StorageError) -> Int? {
        let position = Int(chunk.shard.rawValue)
        guard disk.store.logs.indices.contains(position), try !disk.lookForRoom().isFull else { return nil }
        var area = areas.withLock { $0[position] }
        if chunk.number == 0, area.transfer != transfer {
            guard area.staged == nil else { return nil }
            area = Area(transfer: transfer)
            try disk.store.beginStaging(of: chunk.shard)
        }
        // One that was sent again, since the connection broke before its receipt.
        if area.transfer == transfer, chunk.number < area.pieces { return area.pieces }
        let keys = (area.last.map { [$0] } ?? []) + chunk.rows.map(\.key)
        let isInOrder = zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        guard area.transfer == transfer, area.pieces == chunk.number, !area.hasLast, isInOrder else { return nil }
        try disk.store.stage(chunk.rows, of: chunk.shard)
        area.pieces += 1
        area.hasLast = chunk.isLast
        area.last = keys.last
        areas.withLock { $0[position] = area }
        return area.pieces
    }

    private func complete(_ item: ShardMessage, pieces: Int, of transfer: UInt64) -> Bool {
        let staged = areas.withLock { areas -> StagedRows? in
            let position = Int(item.shard.rawValue)
            guard areas.indices.contains(position), areas[position].transfer == transfer,
                areas[position].pieces == pieces, areas[position].hasLast
            else { return nil }
            let staged = StagedRows()
            areas[position] = Area(staged: staged)
            return staged
        }
        guard let staged else { return false }
        inbox.putSnapshot(item, staged: staged)
        return true
    }
}
