import Commerce
import EventSourcing
import Wire

/// Reads the fields of one event, state or step: `RecordReader` with the types of the rules and `MalformedBytes` as
/// error.
///
/// It checks what a type demands and no business limit: what was once recorded stays readable when a limit shrinks.
package struct FieldReader {
    private var record: RecordReader

    package init(_ bytes: ArraySlice<UInt8>) { record = RecordReader(bytes) }

    private mutating func read<Value>(
        _ body: (inout RecordReader) throws(ReadFailure) -> Value
    ) throws(MalformedBytes) -> Value {
        do {
            return try body(&record)
        } catch {
            throw MalformedBytes(error.reason.sentence, at: error.offset)
        }
    }

    /// Reads a value that its type may refuse.
    private mutating func parse<Raw, Value>(
        _ reason: String, _ body: (inout RecordReader) throws(ReadFailure) -> Raw, _ make: (Raw) -> Value?
    ) throws(MalformedBytes) -> Value {
        let start = record.offset
        guard let value = make(try read(body)) else { throw MalformedBytes(reason, at: start) }
        return value
    }

    package func malformed(_ reason: String) -> MalformedBytes { MalformedBytes(reason, at: record.offset) }

    // MARK: Plain fields

    package mutating func byte() throws(MalformedBytes) -> UInt8 {
        try read { r throws(ReadFailure) in try r.readByte() }
    }
    package mutating func bool() throws(MalformedBytes) -> Bool {
        try read { r throws(ReadFailure) in try r.readBool() }
    }
    package mutating func uint16() throws(MalformedBytes) -> UInt16 {
        try read { r throws(ReadFailure) in try r.readUInt16() }
    }
    package mutating func varint() throws(MalformedBytes) -> UInt64 {
        try read { r throws(ReadFailure) in try r.readVarint() }
    }
    package mutating func signed() throws(MalformedBytes) -> Int64 {
        try read { r throws(ReadFailure) in try r.readSigned() }
    }
    /// - Parameter bytesMax: of what travels a longer text is refused, before anything is allocated.
    package mutating func string(bytesMax: Int = .max) throws(MalformedBytes) -> String {
        try read { r throws(ReadFailure) in try r.readString(bytesMax: bytesMax) }
    }
    /// - Parameter bytesMax: of what travels a longer blob is refused, before anything is allocated.
    package mutating func blob(bytesMax: Int = .max) throws(MalformedBytes) -> [UInt8] {
        try read { r throws(ReadFailure) in Array(try r.readBlob(bytesMax: bytesMax)) }
    }

    /// So many bytes as they are.
    package mutating func raw(_ count: Int) throws(MalformedBytes) -> [UInt8] {
        try read { r throws(ReadFailure) in Array(try r.readRaw(count)) }
    }

    package mutating func finish() throws(MalformedBytes) { try read { r throws(ReadFailure) in try r.finish() } }

    package mutating func optional<Value>(
        _ body: (inout FieldReader) throws(MalformedBytes) -> Value
    ) throws(MalformedBytes) -> Value? {
        try bool() ? try body(&self) : nil
    }

    package mutating func optionalString(bytesMax: Int = .max) throws(MalformedBytes) -> String? {
        try bool() ? try string(bytesMax: bytesMax) : nil
    }

    package mutating func optionalTimestamp() throws(MalformedBytes) -> Timestamp? {
        try bool() ? try timestamp() : nil
    }

    /// - Parameters:
    ///   - bytesMin: the least an element takes, so that no count can ask for more memory than there are bytes.
    ///   - countMax: of what travels a longer list is refused, before anything is allocated.
    package mutating func array<Element>(
        bytesMin: Int, countMax: Int = .max, _ body: (inout FieldReader) throws(MalformedBytes) -> Element
    ) throws(MalformedBytes) -> [Element] {
        let count = try read { r throws(ReadFailure) in try r.readCount(bytesMin: bytesMin) }
        guard count <= countMax else { throw malformed("a list is longer than its limit") }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    // MARK: Fields of the rules

    package mutating func timestamp() throws(MalformedBytes) -> Timestamp {
        Timestamp(microseconds: Int64(bitPattern: try read { r throws(ReadFailure) in try r.readUInt64() }))
    }

    package mutating func identifier<Kind>(_: Identifier<Kind>.Type) throws(MalformedBytes) -> Identifier<Kind> {
        try parse(
            "not an identifier", { r throws(ReadFailure) in try r.readRaw(16) }, { Identifier<Kind>(encoded: $0) })
    }

    package mutating func optionalIdentifier<Kind>(
        _: Identifier<Kind>.Type
    ) throws(MalformedBytes) -> Identifier<Kind>? {
        try bool() ? try identifier(Identifier<Kind>.self) : nil
    }

    package mutating func slot() throws(MalformedBytes) -> Slot {
        let number = try uint16()
        guard number < Slot.count else { throw malformed("no such slot") }
        return Slot(number)
    }

    package mutating func sku() throws(MalformedBytes) -> SKU {
        try parse("not a SKU", { r throws(ReadFailure) in try r.readBlob() }, { SKU(encoded: $0) })
    }

    package mutating func units() throws(MalformedBytes) -> Units {
        try parse(
            "not a number of units", { r throws(ReadFailure) in try r.readVarint() },
            { Int64(exactly: $0).flatMap { Units($0) } })
    }

    package mutating func currency() throws(MalformedBytes) -> Currency {
        try parse("not a currency", { r throws(ReadFailure) in try r.readRaw(3) }, { Currency(ascii: $0) })
    }

    package mutating func money() throws(MalformedBytes) -> Money {
        Money(amount: try signed(), currency: try currency())
    }

    package mutating func digest() throws(MalformedBytes) -> Digest256 {
        try parse(
            "not a digest", { r throws(ReadFailure) in try r.readRaw(Digest256.byteCount) }, { Digest256($0) })
    }

    package mutating func email() throws(MalformedBytes) -> EmailAddress {
        try parse("not an e-mail address", { r throws(ReadFailure) in try r.readBlob() }, { EmailAddress(encoded: $0) })
    }

    package mutating func skuUnits() throws(MalformedBytes) -> SKUUnits {
        SKUUnits(sku: try sku(), units: try units())
    }

    package mutating func reference<Kind>(
        _: ProviderReference<Kind>.Type
    ) throws(MalformedBytes) -> ProviderReference<Kind> {
        try parse(
            "not a provider's reference", { r throws(ReadFailure) in try r.readString() },
            { ProviderReference<Kind>($0) })
    }
}

extension ReadFailure.Reason {
    fileprivate var sentence: String {
        switch self {
        case .truncated: "the bytes end inside a field"
        case .outOfRange: "a number is outside its range"
        case .invalidUTF8: "a text is not UTF-8"
        case .trailingBytes: "bytes follow the last field"
        }
    }
}
