import Commerce
import EventSourcing
import Wire

extension ConsumerPosition: Recorded {
    public static var kind: AggregateKind { .consumerPosition }

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
        var fields = FieldReader(bytes)
        let event: Event
        switch (try fields.byte(), try fields.byte()) {
        case (1, 1): event = .advanced(to: LogIndex(try fields.varint()))
        default: throw fields.malformed("no such event of a consumer's position, or no such schema of it")
        }
        try fields.finish()
        return event
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.append(1)
            writer.writeVarint(position.rawValue)
        }
    }

    public static func decodeState(
        _ bytes: ArraySlice<UInt8>, id: ConsumerPositionID
    ) throws(MalformedBytes) -> ConsumerPosition {
        var fields = FieldReader(bytes)
        guard try fields.byte() == 1 else { throw fields.malformed("no such schema of a consumer's position") }
        var position = ConsumerPosition(id: id)
        position.position = LogIndex(try fields.varint())
        try fields.finish()
        return position
    }
}
