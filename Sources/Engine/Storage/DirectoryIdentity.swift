import EventSourcing
import LogFormat
import Wire

/// What a data directory is: which format, which cluster, how many shards. Written at creation, and when a directory of
/// an earlier format is brought into the present one.
public struct DirectoryIdentity: Sendable, Equatable {
    /// The format that this program writes. It reads 1 too, in which no log was replicated: its headers of shards have
    /// another layout.
    public static let formatVersion: UInt16 = 2
    private static let formatVersionMin: UInt16 = 1

    /// As it was read.
    let formatVersion: UInt16
    /// Random, drawn at creation; seeds every checksum so that records of different clusters are never confused.
    public let cluster: UInt64
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
        return Sealed.sealing(writer.bytes, seed: Self.seed)
    }

    init(cluster: UInt64, shards: Int, formatVersion: UInt16 = Self.formatVersion) {
        self.formatVersion = formatVersion
        self.cluster = cluster
        self.shards = shards
    }

    init(_ bytes: [UInt8]) throws(StorageError) {
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: Self.seed) }) else {
            throw .corruptHeader(name: "node")
        }
        var reader = RecordReader(bytes[4...])
        guard let version = try? reader.readUInt16() else { throw .corruptHeader(name: "node") }
        guard (Self.formatVersionMin...Self.formatVersion).contains(version) else {
            throw .formatVersion(found: version, supported: Self.formatVersion)
        }
        guard let cluster = try? reader.readUInt64(), let shards = try? reader.readUInt16(), shards > 0 else {
            throw .corruptHeader(name: "node")
        }
        self.init(cluster: cluster, shards: Int(shards), formatVersion: version)
    }
}
