import Commerce
import EventSourcing
import Wire

extension Cart: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 4) }

    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion {
        switch event {
        case .openedForGuest, .handedOver: .second
        default: .first
        }
    }

    public static var isForgettable: Bool { true }

    /// No token of a guest is good once the guest has ended.
    public var forgetAfter: Timestamp? { isGuests ? Guest.end(of: id) : nil }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .itemSet(let sku, let quantity):
                writer.writeHeader(1, schema: 1)
                writer.write(sku)
                writer.write(quantity)
            case .itemRemoved(let sku):
                writer.writeHeader(2, schema: 1)
                writer.write(sku)
            case .cleared:
                writer.writeHeader(3, schema: 1)
            case .openedForGuest:
                writer.writeHeader(4, schema: 1)
            case .handedOver(let handover):
                writer.writeHeader(5, schema: 1)
                writer.write(handover)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a cart", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1): return .itemSet(try fields.sku(), try fields.units())
            case (2, 1): return .itemRemoved(try fields.sku())
            case (3, 1): return .cleared
            case (4, 1): return .openedForGuest
            case (5, 1): return .handedOver(try fields.handover())
            default: return nil
            }
        }
    }

    /// 2: a guest's. 3: one that has gone to an account.
    private static let stateSchemaMax: UInt8 = 3
    private var stateSchema: UInt8 { handover != nil ? 3 : isGuests ? 2 : 1 }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes, schema: stateSchema) { writer in
            writer.writeArray(lines) { writer, line in
                writer.write(line.sku)
                writer.write(line.quantity)
            }
            if let handover { writer.write(handover) }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: CustomerID) throws(MalformedBytes) -> Cart {
        try FieldReader.state(of: "a cart", bytes, newest: stateSchemaMax, into: Cart(id: id)) {
            cart, schema, fields throws(MalformedBytes) in
            cart.isGuests = schema >= 2
            cart.lines = try fields.array(bytesMin: 3) { f throws(MalformedBytes) in
                CartLine(sku: try f.sku(), quantity: try f.units())
            }
            if schema >= 3 { cart.handover = try fields.handover() }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ handover: Cart.Handover) {
        write(handover.customer)
        write(handover.at)
    }
}

extension FieldReader {
    fileprivate mutating func handover() throws(MalformedBytes) -> Cart.Handover {
        Cart.Handover(to: try identifier(CustomerID.self), at: try timestamp())
    }
}
