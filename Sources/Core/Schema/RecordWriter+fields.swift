import Commerce
import EventSourcing
import Wire

extension RecordWriter {
    /// The event's number and the number of its schema. Both are never reused.
    package mutating func writeHeader(_ number: UInt8, schema: UInt8) {
        append(number)
        append(schema)
    }

    package mutating func write(_ moment: Timestamp) { write(UInt64(bitPattern: moment.microseconds)) }

    package mutating func write<Kind>(_ id: Identifier<Kind>) {
        write(id.high)
        write(id.low)
    }

    package mutating func write(_ sku: SKU) { write(sku.utf8) }
    package mutating func write(_ units: Units) { writeVarint(UInt64(units.rawValue)) }

    package mutating func write(_ currency: Currency) {
        append(UInt8(truncatingIfNeeded: currency.letters >> 16))
        write(UInt16(truncatingIfNeeded: currency.letters))
    }

    package mutating func write(_ money: Money) {
        writeSigned(money.amount)
        write(money.currency)
    }

    package mutating func write(_ digest: Digest256) {
        for place in digest.words.indices { write(digest.words[place]) }
    }

    package mutating func write(_ line: SKUUnits) {
        write(line.sku)
        write(line.units)
    }

    package mutating func write<Kind>(_ reference: ProviderReference<Kind>) { write(reference.description) }

    package mutating func writeOptional(_ text: String?) { writeOptional(text) { $0.write($1) } }
    package mutating func writeOptional(_ moment: Timestamp?) { writeOptional(moment) { $0.write($1) } }
}
