import Consensus
import EventSourcing
import LogFormat
import Wire

/// What a data directory is: which format, which node of which cluster, how many shards. Written at creation, and when
/// a directory of an earlier format is brought into the present one.
///
///     CRC32C (4), format version (2), cluster (8), shards (2), since version 3: node (8), founders: { node (8) }
public struct DirectoryIdentity: Sendable, Equatable {
    /// The format that this program writes. It reads 1 too, in which no log was replicated: its headers of shards have
    /// another layout. Up to 2 every directory was that of node 1, which was alone.
    public static let formatVersion: UInt16 = 3
    private static let formatVersionMin: UInt16 = 1

    /// As it was read.
    let formatVersion: UInt16
    public let node: NodeID
    /// Random, drawn at creation; seeds every checksum so that records of different clusters are never confused.
    public let cluster: UInt64
    /// The voters that every shard's log begins with: a node that joins has to know them.
    public let founders: NodeSet
    public let shards: Int

    static let key = [UInt8]("node".utf8)
    /// The identity is read before the cluster is known, so its own checksum is seeded with a constant.
    private static let seed: UInt32 = 0x4352_4431

    /// Seeds the checksums of everything else in the directory.
    var checksumSeed: UInt32 { UInt32(truncatingIfNeeded: cluster ^ cluster >> 32) }

    func encoded() -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        writer.write(Self.formatVersion)
        writer.write(cluster)
        writer.write(UInt16(shards))
        writer.write(node.rawValue)
        writer.writeArray(Array(founders)) { $0.write($1.rawValue) }
        return Sealed.sealing(writer.bytes, seed: Self.seed)
    }

    init(
        node: NodeID = Founding.nodeAlone, cluster: UInt64, founders: NodeSet = [Founding.nodeAlone], shards: Int,
        formatVersion: UInt16 = Self.formatVersion
    ) {
        self.formatVersion = formatVersion
        self.node = node
        self.cluster = cluster
        self.founders = founders
        self.shards = shards
    }

    init(_ bytes: [UInt8]) throws(StorageError) {
        let damaged = StorageError.corruptHeader(name: "node")
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: Self.seed) }) else { throw damaged }
        var reader = RecordReader(bytes[4...])
        guard let version = try? reader.readUInt16() else { throw damaged }
        guard (Self.formatVersionMin...Self.formatVersion).contains(version) else {
            throw .formatVersion(found: version, supported: Self.formatVersion)
        }
        guard let cluster = try? reader.readUInt64(), let shards = try? reader.readUInt16(), shards > 0 else {
            throw damaged
        }
        guard version > 2 else {
            self.init(cluster: cluster, shards: Int(shards), formatVersion: version)
            return
        }
        guard let node = try? reader.readUInt64(),
            let founders = try? reader.readArray(bytesMin: 8, { NodeID(try $0.readUInt64()) })
        else { throw damaged }
        self.init(
            node: NodeID(node), cluster: cluster, founders: NodeSet(founders), shards: Int(shards),
            formatVersion: version)
    }
}
