import Commerce
import EventSourcing
import Wire

extension RecordWriter {
    /// The event's number and the number of its schema. Both are never reused.
    mutating func writeHeader(_ number: UInt8, schema: UInt8) {
        append(number)
        append(schema)
    }

    mutating func write(_ moment: Timestamp) { write(UInt64(bitPattern: moment.microseconds)) }

    mutating func write<Kind>(_ id: Identifier<Kind>) {
        write(id.high)
        write(id.low)
    }

    mutating func write(_ sku: SKU) { write(sku.utf8) }
    mutating func write(_ units: Units) { writeVarint(UInt64(units.rawValue)) }

    mutating func write(_ currency: Currency) {
        append(UInt8(truncatingIfNeeded: currency.letters >> 16))
        write(UInt16(truncatingIfNeeded: currency.letters))
    }

    mutating func write(_ money: Money) {
        writeSigned(money.amount)
        write(money.currency)
    }

    mutating func write(_ digest: Digest256) {
        for place in digest.words.indices { write(digest.words[place]) }
    }

    mutating func write(_ line: SKUUnits) {
        write(line.sku)
        write(line.units)
    }

    mutating func write<Kind>(_ reference: ProviderReference<Kind>) { write(reference.description) }

    mutating func writeOptional(_ text: String?) { writeOptional(text) { $0.write($1) } }
    mutating func writeOptional(_ moment: Timestamp?) { writeOptional(moment) { $0.write($1) } }
}
