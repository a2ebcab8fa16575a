import EventSourcing
import Wire

/// One event in an aggregate's history.
public struct HistoryRow: Sendable, Equatable {
    /// The aggregate's version after the event.
    public let version: UInt64
    /// The record that holds it.
    public let index: LogIndex
    public let time: Timestamp
    /// The event's byte form.
    public let event: [UInt8]

    static let eventBytesExpected = 64

    static func encode(_ rows: [HistoryRow]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(8) { $0 + $1.event.count + 24 })
        var writer = RecordWriter(into: bytes)
        writer.writeArray(rows) { writer, row in
            writer.writeVarint(row.version)
            writer.writeVarint(row.index.rawValue)
            writer.writeSigned(row.time.microseconds)
            writer.write(row.event)
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws -> [HistoryRow] {
        var reader = RecordReader(bytes[...])
        return try reader.readArray(bytesMin: 4) { reader in
            HistoryRow(
                version: try reader.readVarint(), index: LogIndex(try reader.readVarint()),
                time: Timestamp(microseconds: try reader.readSigned()), event: Array(try reader.readBlob()))
        }
    }
}
