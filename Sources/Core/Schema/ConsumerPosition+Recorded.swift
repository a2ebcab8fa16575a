import Commerce
import EventSourcing
import Wire

extension ConsumerPosition: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 10) }

    public static func versionNeeded(for event: Event, of id: ConsumerPositionID) -> ClusterVersion {
        Consumer.ofDuties.contains(id.consumer) ? .first : .second
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .advanced(let index):
                writer.writeHeader(1, schema: 1)
                writer.writeVarint(index.rawValue)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a consumer's position", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1): return .advanced(to: LogIndex(try fields.varint()))
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.writeVarint(position.rawValue)
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: ConsumerPositionID
    ) throws(MalformedBytes) -> ConsumerPosition {
        try FieldReader.state(of: "a consumer's position", bytes, into: ConsumerPosition(id: id)) {
            position, fields throws(MalformedBytes) in
            position.position = LogIndex(try fields.varint())
        }
    }
}
