import EventSourcing
import Wire

/// How a shard's rows are named in the `state` database.
///
///     state    kind (1), id
///     alarm    0xF0, moment (8), kind (1), id               so that the next one due comes first
///     listing  0xF1, kind (1), group (blob), key            so that a group's members are one range
///     history  0xF2, kind (1), id (blob), version (8)       a chunk of events that begins at the version
///     clock    0xF3                                         the time of the log as of the checkpoint, or later
enum StateKeys {
    static let alarms: UInt8 = 0xF0
    static let listings: UInt8 = 0xF1
    static let histories: UInt8 = 0xF2
    static let clock: [UInt8] = [0xF3]

    /// Ids are seldom longer.
    private static let keyBytesExpected = 40

    /// The bytes of a key, or an id, that `append` appends.
    static func key(_ append: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyBytesExpected)
        append(&bytes)
        return bytes
    }

    static func state<A: Recorded>(_: A.Type, _ id: A.ID) -> [UInt8] { key { state(A.self, id, into: &$0) } }

    static func state<A: Recorded>(_: A.Type, _ id: A.ID, into bytes: inout [UInt8]) {
        bytes.append(A.kind.rawValue)
        id.encode(into: &bytes)
    }

    /// Kinds end where the rows of other things begin.
    static let kindMax = AggregateKind(rawValue: alarms - 1)

    static func alarm(_ moment: Timestamp, _ kind: AggregateKind, _ id: some AggregateID, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(alarms)
            writer.write(UInt64(clamping: moment.microseconds))
            writer.write(kind.rawValue)
        }
        id.encode(into: &bytes)
    }

    static func readAlarm(_ key: [UInt8]) throws -> (moment: Timestamp, kind: AggregateKind, id: [UInt8]) {
        var reader = RecordReader(key[1...])
        let moment = Timestamp(microseconds: Int64(clamping: try reader.readUInt64()))
        let kind = AggregateKind(rawValue: try reader.readByte())
        return (moment, kind, Array(try reader.readRaw(reader.remaining)))
    }

    /// What the keys of a group's members begin with.
    static func listing(_ kind: AggregateKind, group: [UInt8]) -> [UInt8] {
        key { listing(kind, Listing(group: group, key: []), into: &$0) }
    }

    static func listing(_ kind: AggregateKind, _ listing: Listing, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(listings)
            writer.write(kind.rawValue)
            writer.write(listing.group)
            writer.writeRaw(listing.key)
        }
    }

    /// - Parameter version: nil for what the keys of all of the aggregate's chunks begin with.
    static func history(
        _ kind: AggregateKind, _ id: some AggregateID, version: UInt64? = nil, into bytes: inout [UInt8]
    ) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(histories)
            writer.write(kind.rawValue)
            writer.writeBlob { id.encode(into: &$0) }
            if let version { writer.write(version) }
        }
    }

    /// The first key behind all keys that begin with `prefix`.
    static func end(of prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            guard last == .max else { return end + [last + 1] }
        }
        return [UInt8](repeating: .max, count: 64)
    }
}

/// Bytes to look something up by. An array hashes its elements one by one.
struct RowBytes: Hashable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
