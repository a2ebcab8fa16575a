import EventSourcing
import Wire

/// The payload of one log record: what changed, aggregate by aggregate, as one atomic step.
///
///     layout (1), entries: { kind (1), id (blob), version before (varint), events: { event (blob) } }
public struct RecordBody: Sendable {
    static let layout: UInt8 = 1

    public struct Entry: Sendable {
        public let kind: AggregateKind
        public let id: ArraySlice<UInt8>
        /// The aggregate's version before the first of these events.
        public let versionBefore: UInt64
        public let events: [ArraySlice<UInt8>]
    }

    public let entries: [Entry]

    /// Reads a record's payload. Nothing in it is interpreted beyond its structure.
    public init(_ bytes: [UInt8]) throws(MalformedBytes) {
        try self.init(bytes) { _ in true }
    }

    /// Reads the entries of those kinds only that somebody wants: what is passed over costs next to nothing, and most
    /// readers of a log are concerned by few of its records.
    public init(_ bytes: [UInt8], where isWanted: (AggregateKind) -> Bool) throws(MalformedBytes) {
        var reader = RecordReader(bytes[...])
        do {
            guard try reader.readByte() == Self.layout else { throw MalformedBytes("unknown record layout", at: 0) }
            var entries: [Entry] = []
            for _ in 0..<(try reader.readCount(bytesMin: 4)) {
                let kind = AggregateKind(rawValue: try reader.readByte())
                let id = try reader.readBlob()
                let versionBefore = try reader.readVarint()
                if isWanted(kind) {
                    let events = try reader.readArray { try $0.readBlob() }
                    entries.append(Entry(kind: kind, id: id, versionBefore: versionBefore, events: events))
                } else {
                    for _ in 0..<(try reader.readCount()) { _ = try reader.readBlob() }
                }
            }
            try reader.finish()
            self.entries = entries
        } catch let failure as MalformedBytes {
            throw failure
        } catch {
            throw MalformedBytes("a record ends early or runs over", at: reader.offset)
        }
    }
}

/// Builds a record's payload from the changes of one batch.
struct RecordBodyWriter {
    private static let bytesExpected = 512

    private var writer: RecordWriter
    /// What has a length before it is encoded here first.
    private var scratch: [UInt8] = []

    init(entries: Int) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.bytesExpected)
        writer = RecordWriter(into: bytes)
        writer.write(RecordBody.layout)
        writer.writeCount(entries)
    }

    var bytes: [UInt8] { writer.bytes }

    /// Begins the entry of one aggregate: `events` calls of `writeEvent` follow.
    mutating func beginEntry(kind: AggregateKind, versionBefore: UInt64, events: Int, id: (inout [UInt8]) -> Void) {
        writer.write(kind.rawValue)
        writeBlob(id)
        writer.writeVarint(versionBefore)
        writer.writeCount(events)
    }

    mutating func writeEvent(_ encode: (inout [UInt8]) -> Void) { writeBlob(encode) }

    private mutating func writeBlob(_ encode: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        encode(&scratch)
        writer.write(scratch)
    }
}
