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

    /// Appends a chunk of rows.
    ///
    /// - Parameters:
    ///   - place: the aggregate's version after the row's event, and its record.
    ///   - event: appends the event's byte form.
    static func encode<Row>(
        _ rows: [Row], into bytes: inout [UInt8], place: (Row) -> (version: UInt64, stamp: RecordStamp),
        event: (Row, inout [UInt8]) -> Void
    ) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(actorMark)
            writer.writeArray(rows) { writer, row in
                let (version, stamp) = place(row)
                writer.writeVarint(version)
                writer.writeVarint(stamp.index.rawValue)
                writer.writeSigned(stamp.time.microseconds)
                writer.writeOptional(stamp.actor) { writer, actor in
                    writer.write(actor.high)
                    writer.write(actor.low)
                }
                writer.writeBlob { event(row, &$0) }
            }
        }
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
