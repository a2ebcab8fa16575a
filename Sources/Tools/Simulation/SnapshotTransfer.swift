import Cluster
import Consensus
import EventSourcing
import LogFormat

/// The rows of a snapshot on their way from one node to another, piece by piece.
final class SnapshotTransfer {
    let sender: NodeID
    let target: NodeID
    /// The bytes of the message that announces it.
    let announcement: [UInt8]
    let chunks: [[UInt8]]
    var rows: [StateRow] = []

    init(_ message: Message, of shard: ShardID, chunks: [[UInt8]]) {
        sender = message.from
        target = message.to
        announcement = Frame(peer: message.to, messages: [ShardMessage(shard: shard, message: message)]).encoded()
        self.chunks = chunks
    }
}

extension NodeProcess {
    /// A row or a few: so that a transfer has many places to break.
    private static let chunkBytesMax = 2_048

    /// Sends the rows of the states as they are now, and the announcement once they have arrived.
    func sendSnapshot(_ message: Message, of shard: ShardID) {
        let rows: [StateRow]
        do {
            rows = try node.disk.rows(of: shard).map {
                StateRow(key: $0.key, value: try node.disk.value(of: $0, shard: shard))
            }
        } catch {
            // No other node gets what cannot be trusted here.
            return inbox.putSnapshotSent(to: message.to, of: shard, isDelivered: false)
        }
        let chunks = SnapshotChunk.split(rows, of: shard, bytesMax: Self.chunkBytesMax).map {
            $0.encoded(seed: node.disk.seed)
        }
        world.trace("snapshot", node.id.rawValue, message.to.rawValue, UInt64(chunks.count))
        sendNext(0, of: SnapshotTransfer(message, of: shard, chunks: chunks), shard)
    }

    private func sendNext(_ number: Int, of transfer: SnapshotTransfer, _ shard: ShardID) {
        let target = transfer.target
        let isCarried = world.network.carry(from: node.id, to: target, "snapshot piece", UInt64(number)) {
            [weak self] in
            guard let self else { return }
            guard let receiver = world.process(of: target) else { return giveUp(target, shard) }
            receiver.node.act { receiver.take(number, of: transfer, of: shard) }
            guard !life.isOver else { return }
            if number + 1 < transfer.chunks.count {
                sendNext(number + 1, of: transfer, shard)
            } else {
                inbox.putSnapshotSent(to: target, of: shard, isDelivered: true)
            }
        }
        if !isCarried { giveUp(target, shard) }
    }

    /// The connection has broken. The sender notices after a while.
    private func giveUp(_ target: NodeID, _ shard: ShardID) {
        world.plan(after: .seconds(1), "snapshot lost", node.id.rawValue) { [weak self] in
            guard let self, !life.isOver else { return }
            inbox.putSnapshotSent(to: target, of: shard, isDelivered: false)
        }
    }

    private func take(_ number: Int, of transfer: SnapshotTransfer, of shard: ShardID) {
        guard !life.isOver, let chunk = try? SnapshotChunk(transfer.chunks[number], seed: node.disk.seed) else {
            return
        }
        transfer.rows += chunk.rows
        guard chunk.isLast else { return }
        // A transfer that began in an earlier life of this node has lost its first pieces with it.
        let whole = transfer.chunks.compactMap { try? SnapshotChunk($0, seed: node.disk.seed).rows.count }.reduce(0, +)
        guard transfer.rows.count == whole else { return }
        guard let frame = try? Frame(decoding: transfer.announcement, from: transfer.sender) else {
            return world.violate("node \(node.id) cannot read what announces a snapshot")
        }
        for item in frame.messages { inbox.putSnapshot(item, rows: transfer.rows) }
    }
}
