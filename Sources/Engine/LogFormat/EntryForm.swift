import Consensus
import EventSourcing
import Wire

/// How an entry of a shard's log lies in the `log` database.
///
///     key:    shard (2 bytes), index (8)                                big-endian, so that a shard's log is one range
///     value:  CRC32C (4), layout (1), shard (2), index (8), term (8), payload
///
/// Layout 1 holds a record: the payload is the record's time in microseconds (8) and its body.
/// Layout 2 is the empty entry that begins a leader's term, layout 3 a change of membership.
/// The checksum covers all that follows it and is seeded with the cluster, so that an entry of another cluster, shard
/// or index is not taken for this one.
public enum EntryForm {
    enum Layout {
        static let record: UInt8 = 1
        static let empty: UInt8 = 2
        static let membershipChange: UInt8 = 3
    }

    /// Checksum, layout, shard, index and term.
    public static let headerBytes = 4 + 1 + 2 + 8 + 8
    /// The time of a record, before its body.
    public static let timeBytes = 8

    public static func key(_ shard: ShardID, _ index: EntryIndex) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 10) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            raw.storeBytes(of: shard.rawValue.bigEndian, as: UInt16.self)
            raw.storeBytes(of: index.rawValue.bigEndian, toByteOffset: 2, as: UInt64.self)
            count = 10
        }
    }

    /// Writes the entry `id` that holds `record` into `bytes`, which has room for the header and the record.
    ///
    /// - Precondition: `record` is not empty.
    public static func encode(
        record: [UInt8], of id: EntryID, shard: ShardID, seed: UInt32, into bytes: UnsafeMutableRawBufferPointer
    ) {
        bytes.storeBytes(of: Layout.record, toByteOffset: 4, as: UInt8.self)
        bytes.storeBytes(of: shard.rawValue.bigEndian, toByteOffset: 5, as: UInt16.self)
        bytes.storeBytes(of: id.index.rawValue.bigEndian, toByteOffset: 7, as: UInt64.self)
        bytes.storeBytes(of: id.term.rawValue.bigEndian, toByteOffset: 15, as: UInt64.self)
        UnsafeMutableRawBufferPointer(rebasing: bytes[headerBytes...]).copyBytes(from: record)
        Sealed.seal(bytes, seed: seed)
    }

    public static func encode(_ entry: Entry, shard: ShardID, seed: UInt32) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(UInt32(0))
        switch entry.payload {
        case .record(let bytes):
            writeHeader(of: entry, bytes.isEmpty ? Layout.empty : Layout.record, shard, into: &writer)
            writer.writeRaw(bytes)
        case .membershipChange(let change):
            writeHeader(of: entry, Layout.membershipChange, shard, into: &writer)
            MembershipForm.write(change, into: &writer)
        }
        return Sealed.sealing(writer.bytes, seed: seed)
    }

    private static func writeHeader(of entry: Entry, _ layout: UInt8, _ shard: ShardID, into writer: inout RecordWriter)
    {
        writer.write(layout)
        writer.write(shard.rawValue)
        writer.write(entry.index.rawValue)
        writer.write(entry.term.rawValue)
    }

    /// Reads the entry that should lie at `shard` and `index`.
    public static func decode(
        _ bytes: [UInt8], shard: ShardID, index: EntryIndex, seed: UInt32
    ) throws(FormatDamage) -> Entry {
        let id = EntryID(term: try term(bytes, shard: shard, index: index, seed: seed), index: index)
        let payload = bytes[headerBytes...]
        switch bytes[4] {
        case Layout.record: return Entry(id: id, payload: .record(Array(payload)))
        case Layout.empty:
            guard payload.isEmpty else { throw FormatDamage("an empty entry that is not empty") }
            return Entry(id: id, payload: .empty)
        default:
            return Entry(id: id, payload: .membershipChange(try MembershipForm.readChange(payload)))
        }
    }

    /// Checks the whole entry that should lie at `shard` and `index`.
    public static func term(
        _ bytes: [UInt8], shard: ShardID, index: EntryIndex, seed: UInt32
    ) throws(FormatDamage) -> Term {
        guard bytes.count >= headerBytes else { throw FormatDamage("shorter than its header") }
        guard bytes.withUnsafeBytes({ Sealed.isIntact($0, seed: seed) }) else {
            throw FormatDamage("checksum mismatch")
        }
        guard (Layout.record...Layout.membershipChange).contains(bytes[4]) else {
            throw FormatDamage("layout \(bytes[4])")
        }
        let (foundShard, foundIndex, term) = bytes.withUnsafeBytes { bytes in
            (
                UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 5, as: UInt16.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 7, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 15, as: UInt64.self))
            )
        }
        guard foundShard == shard.rawValue, foundIndex == index.rawValue else {
            throw FormatDamage("it is entry \(foundIndex) of shard \(foundShard)")
        }
        return Term(term)
    }
}

/// The payload of an entry that holds a record: the record's time and its body.
public enum RecordPayload {
    public static func encode(_ body: [UInt8], at time: Timestamp) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(EntryForm.timeBytes + body.count)
        withUnsafeBytes(of: time.microseconds.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: body)
        return bytes
    }

    /// The time of the record that an entry holds; nil when it holds none.
    public static func time(of entry: Entry) -> Timestamp? {
        guard case .record(let bytes) = entry.payload, bytes.count >= EntryForm.timeBytes else { return nil }
        return Timestamp(
            microseconds: bytes.withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) })
    }

    /// The record that an entry holds; nil when it holds none.
    public static func record(of entry: Entry) -> JournalRecord? {
        guard case .record(let bytes) = entry.payload, let time = time(of: entry) else { return nil }
        return JournalRecord(
            index: LogIndex(entry.index.rawValue), time: time,
            bytes: bytes[EntryForm.timeBytes...])
    }
}
