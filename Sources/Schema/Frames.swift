import EventSourcing
import Wire

// What every kind's bytes have in common. An event: its number, the number of its schema, its fields, and nothing
// behind them. A state: the number of its schema, its fields, and nothing behind them. Numbers are never reused.

extension FieldReader {
    /// Reads one event.
    ///
    /// - Parameters:
    ///   - kind: what it is an event of, such as `a cart`, for the error.
    ///   - read: reads the fields of the event with this number and schema; nil when there is none.
    static func event<Event>(
        of kind: StaticString, _ bytes: ArraySlice<UInt8>,
        _ read: (_ number: UInt8, _ schema: UInt8, inout FieldReader) throws(MalformedBytes) -> Event?
    ) throws(MalformedBytes) -> Event {
        var fields = FieldReader(bytes)
        let (number, schema) = (try fields.byte(), try fields.byte())
        guard let event = try read(number, schema, &fields) else {
            throw fields.malformed("no such event of \(kind), or no such schema of it")
        }
        try fields.finish()
        return event
    }

    /// Reads one state of schema 1, the only one so far, into `value`, which is new.
    static func state<State>(
        of kind: StaticString, _ bytes: ArraySlice<UInt8>, into value: consuming State,
        _ read: (inout State, inout FieldReader) throws(MalformedBytes) -> Void
    ) throws(MalformedBytes) -> State {
        var fields = FieldReader(bytes)
        guard try fields.byte() == 1 else { throw fields.malformed("no such schema of the state of \(kind)") }
        try read(&value, &fields)
        try fields.finish()
        return value
    }
}

extension RecordWriter {
    /// Appends one state of schema 1.
    static func appendState(to bytes: inout [UInt8], _ body: (inout RecordWriter) -> Void) {
        append(to: &bytes) { writer in
            writer.append(1)
            body(&writer)
        }
    }
}
