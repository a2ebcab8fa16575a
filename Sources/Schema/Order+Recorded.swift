import Commerce
import EventSourcing
import Wire

extension Order: Recorded {
    public static var kind: AggregateKind { .order }

    /// Every event is a step of the order's story.
    public static func isHistory(_ event: Event) -> Bool { true }

    /// Among the orders of its customer, by id and so by time.
    public var listing: Listing? {
        guard let customer else { return nil }
        var group: [UInt8] = []
        var key: [UInt8] = []
        customer.encode(into: &group)
        id.encode(into: &key)
        return Listing(group: group, key: key)
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.writeHeader(event.number, schema: 1)
            writer.write(event.time)
            switch event {
            case .placed(let placement, _):
                writer.write(placement)
            case .rejected(let rejection, _):
                writer.write(rejection)
            case .paid(let charge, _):
                writer.write(charge)
            case .paymentUnknown, .fulfilled, .delivered:
                break
            case .shipped(let tracking, _):
                writer.writeOptional(tracking)
            case .cancelled(let reason, let refundDue, let restock, _):
                writer.writeOptional(reason)
                writer.write(refundDue)
                writer.write(restock)
            case .refundRequested(let reason, let restock, _):
                writer.writeOptional(reason)
                writer.write(restock)
            case .refunded(let refund, _):
                writer.write(refund)
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        var fields = FieldReader(bytes)
        let (number, schema) = (try fields.byte(), try fields.byte())
        let time = try fields.timestamp()
        let event: Event
        switch (number, schema) {
        case (1, 1): event = .placed(try fields.placement(), at: time)
        case (2, 1): event = .rejected(try fields.rejection(), at: time)
        case (3, 1): event = .paymentUnknown(at: time)
        case (4, 1): event = .paid(try fields.reference(ChargeID.self), at: time)
        case (5, 1): event = .fulfilled(at: time)
        case (6, 1): event = .shipped(tracking: try fields.optionalString(), at: time)
        case (7, 1): event = .delivered(at: time)
        case (8, 1):
            event = .cancelled(
                reason: try fields.optionalString(), refundDue: try fields.bool(), restock: try fields.bool(), at: time)
        case (9, 1):
            event = .refundRequested(reason: try fields.optionalString(), restock: try fields.bool(), at: time)
        case (10, 1): event = .refunded(try fields.reference(RefundID.self), at: time)
        default: throw fields.malformed("no such event of an order, or no such schema of it")
        }
        try fields.finish()
        return event
    }
}

extension Order.Event {
    fileprivate var number: UInt8 {
        switch self {
        case .placed: 1
        case .rejected: 2
        case .paymentUnknown: 3
        case .paid: 4
        case .fulfilled: 5
        case .shipped: 6
        case .delivered: 7
        case .cancelled: 8
        case .refundRequested: 9
        case .refunded: 10
        }
    }
}
