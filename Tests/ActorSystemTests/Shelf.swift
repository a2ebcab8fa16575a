import EventSourcing
import Wire

/// A toy aggregate: so many units on a shelf, with everything that a shard looks after switched on.
struct Shelf: Recorded, Equatable {
    struct ID: AggregateID, Comparable {
        let number: UInt32
        init(_ number: UInt32) { self.number = number }
        var slot: Slot { Slot(UInt16(number % UInt32(Slot.count))) }
        var description: String { "shelf \(number)" }
        func encode(into bytes: inout [UInt8]) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        init?(encoded bytes: ArraySlice<UInt8>) {
            guard bytes.count == 4 else { return nil }
            number = bytes.reduce(0) { $0 << 8 | UInt32($1) }
        }
        static func < (left: Self, right: Self) -> Bool { left.number < right.number }
    }

    enum Command: Sendable {
        case add(Int)
        case take(Int)
        case remind(Timestamp?)
        /// After the moment the shelf may be forgotten.
        case rent(until: Timestamp)
    }
    enum Event: Sendable, Equatable { case added(Int), taken(Int), reminded(Timestamp?), rented(until: Timestamp) }
    enum Refusal: Error, Equatable { case tooFew(Int) }

    static let kind = AggregateKind(rawValue: 200)
    static let isForgettable = true

    let id: ID
    var units = 0
    var taken = 0
    var wakeAt: Timestamp?
    var forgetAfter: Timestamp?

    init(id: ID) { self.id = id }

    func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .add(let count): return count == 0 ? [] : [.added(count)]
        case .take(let count):
            guard count <= units else { throw .tooFew(units) }
            return [.taken(count)]
        case .remind(let moment): return [.reminded(moment)]
        case .rent(let moment): return [.rented(until: moment)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .added(let count): units += count
        case .taken(let count):
            units -= count
            taken += count
        case .reminded(let moment): wakeAt = moment
        case .rented(let moment): forgetAfter = moment
        }
    }

    var listing: Listing? {
        var key: [UInt8] = []
        id.encode(into: &key)
        return Listing(group: Self.group(id), key: key)
    }

    /// Shelves are listed in three groups.
    static func group(_ id: ID) -> [UInt8] { [UInt8(id.number % 3)] }

    static func isHistory(_ event: Event) -> Bool {
        if case .taken = event { return true }
        return false
    }

    // MARK: - Bytes

    static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .added(let count):
                writer.append(1)
                writer.writeSigned(Int64(count))
            case .taken(let count):
                writer.append(2)
                writer.writeSigned(Int64(count))
            case .reminded(let moment):
                writer.append(3)
                writer.writeOptional(moment) { $0.writeSigned($1.microseconds) }
            case .rented(let moment):
                writer.append(4)
                writer.writeSigned(moment.microseconds)
            }
        }
    }

    static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        do {
            var reader = RecordReader(bytes)
            switch try reader.readByte() {
            case 1: return .added(Int(try reader.readSigned()))
            case 2: return .taken(Int(try reader.readSigned()))
            case 3:
                return .reminded(
                    try reader.readOptional { r throws(ReadFailure) in Timestamp(microseconds: try r.readSigned()) })
            case 4: return .rented(until: Timestamp(microseconds: try reader.readSigned()))
            default: throw MalformedBytes("no such event of a shelf", at: 0)
            }
        } catch {
            throw MalformedBytes("an event of a shelf ends early", at: 0)
        }
    }

    func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.writeSigned(Int64(units))
            writer.writeSigned(Int64(taken))
            writer.writeOptional(wakeAt) { $0.writeSigned($1.microseconds) }
            writer.writeOptional(forgetAfter) { $0.writeSigned($1.microseconds) }
        }
    }

    static func decodeState(_ bytes: ArraySlice<UInt8>, id: ID) throws(MalformedBytes) -> Shelf {
        do {
            var reader = RecordReader(bytes)
            var shelf = Shelf(id: id)
            shelf.units = Int(try reader.readSigned())
            shelf.taken = Int(try reader.readSigned())
            shelf.wakeAt = try reader.readOptional { r throws(ReadFailure) in
                Timestamp(microseconds: try r.readSigned())
            }
            shelf.forgetAfter = try reader.readOptional { r throws(ReadFailure) in
                Timestamp(microseconds: try r.readSigned())
            }
            try reader.finish()
            return shelf
        } catch {
            throw MalformedBytes("a shelf ends early", at: 0)
        }
    }
}
