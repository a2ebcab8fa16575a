import EventSourcing
import Wire

/// Where an event stands in its shard's log, when it was recorded, and who asked for it.
struct RecordStamp: Sendable {
    let index: LogIndex
    let time: Timestamp
    let actor: ActorID?
}

/// One event in an aggregate's history.
public struct HistoryRow: Sendable, Equatable {
    /// The aggregate's version after the event.
    public let version: UInt64
    /// The record that holds it.
    public let index: LogIndex
    public let time: Timestamp
    /// The account that asked for it; nil for what the shop did by itself, and in rows of the older layout.
    public let actor: ActorID?
    /// The event's byte form.
    public let event: [UInt8]

    static let eventBytesExpected = 64
    /// Begins a chunk whose rows name their actors. The older layout began with its number of rows, never zero.
    private static let actorMark: UInt8 = 0

    static func encode(_ rows: [HistoryRow]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(8) { $0 + $1.event.count + 24 })
        var writer = RecordWriter(into: bytes)
        writer.write(actorMark)
        writer.writeArray(rows) { writer, row in
            writer.writeVarint(row.version)
            writer.writeVarint(row.index.rawValue)
            writer.writeSigned(row.time.microseconds)
            writer.writeOptional(row.actor) { writer, actor in
                writer.write(actor.high)
                writer.write(actor.low)
            }
            writer.write(row.event)
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws -> [HistoryRow] {
        let namesActors = bytes.first == actorMark
        var reader = RecordReader(namesActors ? bytes.dropFirst() : bytes[...])
        return try reader.readArray(bytesMin: 4) { reader in
            HistoryRow(
                version: try reader.readVarint(), index: LogIndex(try reader.readVarint()),
                time: Timestamp(microseconds: try reader.readSigned()),
                actor: namesActors ? try readActor(&reader) : nil, event: Array(try reader.readBlob()))
        }
    }

    private static func readActor(_ reader: inout RecordReader) throws -> ActorID? {
        try reader.readOptional { reader throws(ReadFailure) in
            ActorID(high: try reader.readUInt64(), low: try reader.readUInt64())
        }
    }
}
