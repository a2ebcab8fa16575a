import Consensus
import EventSourcing
import LogFormat
import Wire

/// What travels on `PeerStream.consensus`, and announces a snapshot on `PeerStream.snapshots`.
///
///     layout (1), receiver (8), messages: { shard (2), message (`MessageForm`) }
///
/// The sender is the node at the other end of the connection and does not travel: what a node says cannot name another
/// as its author. A request that is passed on names its asker in itself.
extension Frame {
    /// The bytes of a frame follow its layout, for ever.
    private static let layout: UInt8 = 1
    /// Layout, receiver and count, and what a message takes besides its entries: shard, kind and a few numbers.
    private static let overheadBytes = (frame: 12, message: 48)

    /// Bytes of the entries in one frame: those of the largest append, so that a follower that catches up gets its
    /// entries in pieces that pass through queues. One record may be larger.
    static let entryBytesMax = 1 << 20

    /// The same messages in their order, in frames that a connection takes: each with at most so many bytes of entries,
    /// or with one message.
    public func split() -> [Frame] {
        guard messages.count > 1, entryBytes > Self.entryBytesMax else { return [self] }
        var frames: [Frame] = []
        var bytes = 0
        for item in messages {
            let added = item.message.entryBytes
            if frames.isEmpty || bytes + added > Self.entryBytesMax {
                frames.append(Frame(peer: peer, messages: []))
                bytes = 0
            }
            frames[frames.count - 1].messages.append(item)
            bytes += added
        }
        return frames
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            Self.overheadBytes.frame + messages.count * Self.overheadBytes.message + entryBytes)
        RecordWriter.append(to: &bytes) { writer in
            writer.write(Self.layout)
            writer.write(peer.rawValue)
            writer.writeArray(messages) { writer, item in
                writer.write(item.shard.rawValue)
                MessageForm.write(item.message, into: &writer)
            }
        }
        return bytes
    }

    /// Reads what `sender` sent.
    ///
    /// - Throws: when these are not the bytes of a frame. The connection that brought them is of no more use.
    public init(decoding bytes: [UInt8], from sender: NodeID) throws(FormatDamage) {
        var reader = RecordReader(bytes[...])
        do {
            guard try reader.readByte() == Self.layout else { throw FormatDamage("an unknown layout of a frame") }
            let receiver = NodeID(try reader.readUInt64())
            let messages = try reader.readArray(bytesMin: 2 + MessageForm.bytesMin) { reader in
                let shard = ShardID(try reader.readUInt16())
                return ShardMessage(shard: shard, message: try MessageForm.read(&reader, from: sender, to: receiver))
            }
            try reader.finish()
            self.init(peer: sender, messages: messages)
        } catch {
            throw error as? FormatDamage ?? FormatDamage("a frame that cannot be read")
        }
    }
}
