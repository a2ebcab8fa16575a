import Consensus
import EventSourcing
import Storage
import Wire

/// What a snapshot says of itself before its chunks: of which cluster, when, and how far each shard goes.
public struct SnapshotHeader: Equatable, Sendable {
    /// The format that this program writes and reads.
    public static let format: UInt16 = 1
    static let magic = [UInt8]("CRSNAP01".utf8)
    /// Magic, format, and the length of the fields.
    static let prefixBytes = 8 + 2 + 4
    /// Of 4,096 shards the header has 200 kB.
    static let fieldBytesMax = 1 << 20

    /// Random: chunks of two files of one cluster are never confused.
    public let file: UInt64
    public let cluster: UInt64
    public let node: NodeID
    public let takenAt: Timestamp
    /// Of the program that wrote the file.
    public let program: String
    /// By shard.
    public let shards: [LogBounds]

    public init(
        file: UInt64, cluster: UInt64, node: NodeID, takenAt: Timestamp, program: String, shards: [LogBounds]
    ) {
        self.file = file
        self.cluster = cluster
        self.node = node
        self.takenAt = takenAt
        self.program = program
        self.shards = shards
    }

    func encoded() -> [UInt8] {
        var fields = RecordWriter()
        fields.write(file)
        fields.write(cluster)
        fields.write(node.rawValue)
        fields.writeSigned(takenAt.microseconds)
        fields.write(program)
        fields.writeArray(shards) { writer, bounds in
            for id in [bounds.base, bounds.end, bounds.checkpoint] {
                writer.write(id.index.rawValue)
                writer.write(id.term.rawValue)
            }
        }
        var writer = RecordWriter()
        writer.writeRaw(Self.magic)
        writer.write(Self.format)
        writer.write(UInt32(fields.bytes.count))
        writer.writeRaw(fields.bytes)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    /// Reads the fields, behind their length and before the checksum.
    init(fields: ArraySlice<UInt8>) throws {
        var reader = RecordReader(fields)
        file = try reader.readUInt64()
        cluster = try reader.readUInt64()
        node = NodeID(try reader.readUInt64())
        takenAt = Timestamp(microseconds: try reader.readSigned())
        program = try reader.readString()
        shards = try reader.readArray(bytesMin: 48) { reader in
            LogBounds(base: try reader.readID(), end: try reader.readID(), checkpoint: try reader.readID())
        }
        try reader.finish()
        guard !shards.isEmpty, shards.count <= Int(Slot.count) else { throw ReadFailure(.outOfRange, at: 0) }
    }
}

extension RecordReader {
    fileprivate mutating func readID() throws(ReadFailure) -> EntryID {
        let index = EntryIndex(try readUInt64())
        return EntryID(term: Term(try readUInt64()), index: index)
    }
}
