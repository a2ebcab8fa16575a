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

    /// Reads a value that travels, and nothing behind it.
    package static func whole<Value>(
        _ bytes: ArraySlice<UInt8>, _ read: (inout FieldReader) throws(MalformedBytes) -> Value
    ) throws(MalformedBytes) -> Value {
        var fields = FieldReader(bytes)
        let value = try read(&fields)
        try fields.finish()
        return value
    }

    /// Reads one state of schema 1, the only one of its kind so far, into `value`, which is new.
    static func state<State>(
        of kind: StaticString, _ bytes: ArraySlice<UInt8>, into value: consuming State,
        _ read: (inout State, inout FieldReader) throws(MalformedBytes) -> Void
    ) throws(MalformedBytes) -> State {
        try state(of: kind, bytes, newest: 1, into: value) { value, _, fields throws(MalformedBytes) in
            try read(&value, &fields)
        }
    }

    /// Reads one state of any schema from 1 to `newest` into `value`, which is new.
    static func state<State>(
        of kind: StaticString, _ bytes: ArraySlice<UInt8>, newest: UInt8, into value: consuming State,
        _ read: (inout State, _ schema: UInt8, inout FieldReader) throws(MalformedBytes) -> Void
    ) throws(MalformedBytes) -> State {
        var fields = FieldReader(bytes)
        let schema = try fields.byte()
        guard (1...newest).contains(schema) else { throw fields.malformed("no such schema of the state of \(kind)") }
        try read(&value, schema, &fields)
        try fields.finish()
        return value
    }
}

extension RecordWriter {
    /// Appends one state.
    static func appendState(to bytes: inout [UInt8], schema: UInt8 = 1, _ body: (inout RecordWriter) -> Void) {
        append(to: &bytes) { writer in
            writer.append(schema)
            body(&writer)
        }
    }
}
