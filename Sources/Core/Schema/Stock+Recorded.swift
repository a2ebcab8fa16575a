import Commerce
import EventSourcing
import Wire

extension Stock: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 1) }

    /// In the list of all stocks from its first movement on, saved or not.
    public var listing: Listing? {
        var key: [UInt8] = []
        id.encode(into: &key)
        return Listing(group: [], key: key)
    }

    /// Every event is a movement of the ledger.
    public static func isHistory(_ event: Event) -> Bool { true }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .received(let units, let reference):
                writer.writeHeader(1, schema: 1)
                writer.write(units)
                writer.writeOptional(reference)
            case .adjusted(let delta, let reason):
                writer.writeHeader(2, schema: 1)
                writer.writeSigned(delta)
                writer.write(reason)
            case .reserved(let id, let units, let until):
                writer.writeHeader(3, schema: 1)
                writer.write(Reservation(id: id, units: units, until: until))
            case .released(let id, let units):
                writer.writeHeader(4, schema: 1)
                writer.write(id)
                writer.write(units)
            case .expired(let id, let units):
                writer.writeHeader(5, schema: 1)
                writer.write(id)
                writer.write(units)
            case .fulfilled(let id, let units):
                writer.writeHeader(6, schema: 1)
                writer.write(id)
                writer.write(units)
            case .restocked(let units, let order):
                writer.writeHeader(7, schema: 1)
                writer.write(units)
                writer.write(order)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "stock", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                return .received(try fields.units(), reference: try fields.optionalString())
            case (2, 1):
                return .adjusted(delta: try fields.signed(), reason: try fields.adjustmentReason())
            case (3, 1):
                let reservation = try fields.reservation()
                return .reserved(reservation.id, reservation.units, until: reservation.until)
            case (4, 1):
                return .released(try fields.reservationID(), try fields.units())
            case (5, 1):
                return .expired(try fields.reservationID(), try fields.units())
            case (6, 1):
                return .fulfilled(try fields.reservationID(), try fields.units())
            case (7, 1):
                return .restocked(try fields.units(), try fields.identifier(OrderID.self))
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            writer.write(onHand)
            writer.writeArray(held) { $0.write($1) }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: SKU) throws(MalformedBytes) -> Stock {
        try FieldReader.state(of: "a stock", bytes, into: Stock(id: id)) { stock, fields throws(MalformedBytes) in
            let onHand = try fields.units()
            let held = try fields.array(bytesMin: 19) { f throws(MalformedBytes) in try f.reservation() }
            guard let found = Stock(id: id, onHand: onHand, held: held) else {
                throw fields.malformed("reservations out of order, or of more units than are on hand")
            }
            stock = found
        }
    }
}

extension RecordWriter {
    package mutating func write(_ id: ReservationID) {
        switch id {
        case .order(let order):
            append(1)
            write(order)
        case .manual(let hold):
            append(2)
            write(hold)
        }
    }

    fileprivate mutating func write(_ reservation: Reservation) {
        write(reservation.id)
        write(reservation.units)
        writeOptional(reservation.until)
    }

    package mutating func write(_ reason: AdjustmentReason) {
        switch reason {
        case .count: append(1)
        case .correction: append(2)
        case .damage: append(3)
        case .theft: append(4)
        case .expired: append(5)
        case .customerReturn: append(6)
        case .supplierReturn: append(7)
        case .other(let note):
            append(8)
            write(note)
        }
    }
}

extension FieldReader {
    package mutating func reservationID() throws(MalformedBytes) -> ReservationID {
        switch try byte() {
        case 1: .order(try identifier(OrderID.self))
        case 2: .manual(try identifier(HoldID.self))
        default: throw malformed("no such kind of reservation")
        }
    }

    fileprivate mutating func reservation() throws(MalformedBytes) -> Reservation {
        Reservation(id: try reservationID(), units: try units(), until: try optionalTimestamp())
    }

    /// - Parameter noteBytesMax: of what travels a longer note is refused.
    package mutating func adjustmentReason(noteBytesMax: Int = .max) throws(MalformedBytes) -> AdjustmentReason {
        switch try byte() {
        case 1: .count
        case 2: .correction
        case 3: .damage
        case 4: .theft
        case 5: .expired
        case 6: .customerReturn
        case 7: .supplierReturn
        case 8: .other(try string(bytesMax: noteBytesMax))
        default: throw malformed("no such reason of an adjustment")
        }
    }
}
