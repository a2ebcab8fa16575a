import EventSourcing
import Wire

/// How a record lies in the `log` database.
///
///     key:    shard (2 bytes), index (8)                                big-endian, so that a shard's log is one range
///     value:  CRC32C (4), layout (1), shard (2), index (8), term (8), time in microseconds (8), payload
///
/// The checksum covers all that follows it and is seeded with the cluster, so that a record of another cluster,
/// shard or index is not taken for this one.
struct LogRecord {
    static let layout: UInt8 = 1
    static let headerBytes = 4 + 1 + 2 + 8 + 8 + 8

    let shard: ShardID
    let index: LogIndex
    let term: UInt64
    let time: Timestamp
    let payload: [UInt8]

    static func key(_ shard: ShardID, _ index: LogIndex) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(shard.rawValue)
        writer.write(index.rawValue)
        return writer.bytes
    }

    func encoded(seed: UInt32) -> [UInt8] {
        var writer = RecordWriter(into: {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.headerBytes + payload.count)
            return bytes
        }())
        writer.write(UInt32(0))
        writer.write(Self.layout)
        writer.write(shard.rawValue)
        writer.write(index.rawValue)
        writer.write(term)
        writer.write(UInt64(bitPattern: time.microseconds))
        writer.writeRaw(payload)
        return sealed(writer.bytes, seed: seed)
    }

    /// Reads the record that should lie at `shard` and `index`.
    static func decode(
        _ bytes: [UInt8], shard: ShardID, index: LogIndex, seed: UInt32
    ) throws(StorageError) -> LogRecord {
        func damaged(_ reason: String) -> StorageError {
            .corruptRecord(shard: shard.rawValue, index: index.rawValue, reason: reason)
        }
        guard bytes.count >= headerBytes else { throw damaged("shorter than its header") }
        guard isSealed(bytes, seed: seed) else { throw damaged("checksum mismatch") }
        guard let (layout, foundShard, foundIndex, term, time) = header(bytes) else { throw damaged("no header") }
        guard layout == Self.layout else { throw damaged("layout \(layout)") }
        guard foundShard == shard.rawValue, foundIndex == index.rawValue else {
            throw damaged("it is record \(foundIndex) of shard \(foundShard)")
        }
        return LogRecord(
            shard: shard, index: index, term: term, time: Timestamp(microseconds: Int64(bitPattern: time)),
            payload: Array(bytes[headerBytes...]))
    }

    private static func header(_ bytes: [UInt8]) -> (UInt8, UInt16, UInt64, UInt64, UInt64)? {
        var reader = RecordReader(bytes[4...])
        return try? (
            reader.readByte(), reader.readUInt16(), reader.readUInt64(), reader.readUInt64(), reader.readUInt64()
        )
    }
}

/// Writes the CRC32C of everything behind the first four bytes into them.
func sealed(_ bytes: consuming [UInt8], seed: UInt32) -> [UInt8] {
    let checksum = bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[4...]), seed: seed) }
    withUnsafeBytes(of: checksum.bigEndian) { bytes.replaceSubrange(0..<4, with: $0) }
    return bytes
}

/// Whether the first four bytes are the CRC32C of the rest.
func isSealed(_ bytes: [UInt8], seed: UInt32) -> Bool {
    guard bytes.count >= 4 else { return false }
    return bytes.withUnsafeBytes { buffer in
        let stored = UInt32(bigEndian: buffer.loadUnaligned(as: UInt32.self))
        return stored == CRC32C.checksum(UnsafeRawBufferPointer(rebasing: buffer[4...]), seed: seed)
    }
}
