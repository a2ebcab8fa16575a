import Commerce
import EventSourcing
import Wire

extension Cart: Recorded {
    public static var kind: AggregateKind { .cart }

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
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        var fields = FieldReader(bytes)
        let event: Event
        switch (try fields.byte(), try fields.byte()) {
        case (1, 1): event = .itemSet(try fields.sku(), try fields.units())
        case (2, 1): event = .itemRemoved(try fields.sku())
        case (3, 1): event = .cleared
        default: throw fields.malformed("no such event of a cart, or no such schema of it")
        }
        try fields.finish()
        return event
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.append(1)
            writer.writeArray(lines) { writer, line in
                writer.write(line.sku)
                writer.write(line.quantity)
            }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: CustomerID) throws(MalformedBytes) -> Cart {
        var fields = FieldReader(bytes)
        guard try fields.byte() == 1 else { throw fields.malformed("no such schema of a cart's state") }
        var cart = Cart(id: id)
        cart.lines = try fields.array(bytesMin: 3) { f throws(MalformedBytes) in
            CartLine(sku: try f.sku(), quantity: try f.units())
        }
        try fields.finish()
        return cart
    }
}
