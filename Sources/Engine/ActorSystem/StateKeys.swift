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
    static let keyBytesExpected = 40

    static func state<A: Recorded>(_: A.Type, _ id: A.ID) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyBytesExpected)
        bytes.append(A.kind.rawValue)
        id.encode(into: &bytes)
        return bytes
    }

    /// Kinds end where the rows of other things begin.
    static let kindMax = AggregateKind(rawValue: alarms - 1)

    static func alarm(_ moment: Timestamp, _ kind: AggregateKind, id: [UInt8]) -> [UInt8] {
        var writer = RecordWriter()
        writer.write(alarms)
        writer.write(UInt64(clamping: moment.microseconds))
        writer.write(kind.rawValue)
        writer.writeRaw(id)
        return writer.bytes
    }

    static func readAlarm(_ key: [UInt8]) throws -> (moment: Timestamp, kind: AggregateKind, id: [UInt8]) {
        var reader = RecordReader(key[1...])
        let moment = Timestamp(microseconds: Int64(clamping: try reader.readUInt64()))
        let kind = AggregateKind(rawValue: try reader.readByte())
        return (moment, kind, Array(try reader.readRaw(reader.remaining)))
    }

    static func listing(_ kind: AggregateKind, group: [UInt8]) -> [UInt8] {
        listing(kind, Listing(group: group, key: []))
    }

    static func listing(_ kind: AggregateKind, _ listing: Listing) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyBytesExpected)
        RecordWriter.append(to: &bytes) { writer in
            writer.write(listings)
            writer.write(kind.rawValue)
            writer.write(listing.group)
            writer.writeRaw(listing.key)
        }
        return bytes
    }

    static func history(_ kind: AggregateKind, id: [UInt8], version: UInt64? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyBytesExpected)
        RecordWriter.append(to: &bytes) { writer in
            writer.write(histories)
            writer.write(kind.rawValue)
            writer.write(id)
            if let version { writer.write(version) }
        }
        return bytes
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
