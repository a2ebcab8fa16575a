import Consensus
import LogFormat
import Wire

/// What travels on `PeerStream.snapshots`: the rows of one shard piece by piece, their end with the message that
/// announces them, and how far the other node has come with them.
///
///     piece:    1, transfer (8), `SnapshotChunk`
///     end:      2, transfer (8), pieces (4), `Frame` with the announcement alone
///     receipt:  3, transfer (8), pieces (4), state (1)
public enum SnapshotFrame: Sendable {
    case piece(transfer: UInt64, SnapshotChunk)
    /// All pieces of the transfer have been sent: so many.
    case end(transfer: UInt64, pieces: Int, ShardMessage)
    /// So many pieces of the transfer are staged.
    case receipt(transfer: UInt64, pieces: Int, SnapshotReceipt)

    private enum Kind {
        static let piece: UInt8 = 1
        static let end: UInt8 = 2
        static let receipt: UInt8 = 3
    }

    /// - Parameter seed: of the cluster's checksums.
    public func encoded(seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        switch self {
        case .piece(let transfer, let chunk):
            writer.write(Kind.piece)
            writer.write(transfer)
            writer.writeRaw(chunk.encoded(seed: seed))
        case .end(let transfer, let pieces, let message):
            writer.write(Kind.end)
            writer.write(transfer)
            writer.write(UInt32(pieces))
            writer.writeRaw(Frame(peer: message.message.to, messages: [message]).encoded())
        case .receipt(let transfer, let pieces, let receipt):
            writer.write(Kind.receipt)
            writer.write(transfer)
            writer.write(UInt32(pieces))
            writer.write(receipt.rawValue)
        }
        return writer.bytes
    }

    /// Reads what `sender` sent.
    public init(decoding bytes: [UInt8], from sender: NodeID, seed: UInt32) throws(FormatDamage) {
        var reader = RecordReader(bytes[...])
        do {
            let kind = try reader.readByte()
            let transfer = try reader.readUInt64()
            switch kind {
            case Kind.piece:
                self = .piece(transfer: transfer, try SnapshotChunk(Array(bytes.dropFirst(9)), seed: seed))
            case Kind.end:
                let pieces = Int(try reader.readUInt32())
                let frame = try Frame(decoding: Array(bytes.dropFirst(13)), from: sender)
                guard frame.messages.count == 1, case .installSnapshot = frame.messages[0].message.body else {
                    throw FormatDamage("the end of a snapshot that announces none")
                }
                self = .end(transfer: transfer, pieces: pieces, frame.messages[0])
            case Kind.receipt:
                let pieces = Int(try reader.readUInt32())
                guard let receipt = SnapshotReceipt(rawValue: try reader.readByte()) else {
                    throw FormatDamage("an unknown state of a transfer")
                }
                try reader.finish()
                self = .receipt(transfer: transfer, pieces: pieces, receipt)
            default: throw FormatDamage("an unknown frame of a snapshot")
            }
        } catch {
            throw error as? FormatDamage ?? FormatDamage("a frame of a snapshot that cannot be read")
        }
    }
}

/// How a node stands with a snapshot that it is sent.
public enum SnapshotReceipt: UInt8, Sendable {
    /// More may come.
    case staging = 1
    /// All of it is there, and the replica knows.
    case complete = 2
    /// Nothing more of it is taken: it has no beginning here, another one is being taken in, or the disk has no room.
    case refused = 3
}
