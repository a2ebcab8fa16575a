import Commerce
import EventSourcing
import Wire

extension Order: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 2) }

    public static func versionNeeded(for event: Event, of id: ID) -> ClusterVersion {
        switch event {
        case .placed(let placement, _): placement.versionNeeded
        case .personalDataErased: .second
        default: .first
        }
    }

    /// Every event is a step of the order's story.
    public static func isHistory(_ event: Event) -> Bool { true }

    /// Among the orders of its customer, by id and so by time.
    public var listing: Listing? {
        guard let customer else { return nil }
        return Listing(of: customer, id)
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.writeHeader(event.number, schema: event.schema)
            writer.write(event.time)
            switch event {
            case .placed(let placement, _):
                writer.write(placement)
            case .rejected(let rejection, _):
                writer.write(rejection)
            case .paid(let charge, _):
                writer.write(charge)
            case .paymentUnknown, .fulfilled, .delivered, .personalDataErased:
                break
            case .shipped(let tracking, _):
                writer.writeOptional(tracking)
            case .addressCorrected(let address, _):
                writer.write(address)
            case .trackingCorrected(let tracking, _):
                writer.write(tracking)
            case .cancelled(let reason, let refundDue, let restock, _):
                writer.writeOptional(reason)
                writer.write(refundDue)
                writer.write(restock)
            case .refundRequested(let reason, let restock, _):
                writer.writeOptional(reason)
                writer.write(restock)
            case .refunded(let refund, _):
                writer.write(refund)
            case .partRefundRequested(let amount, let lines, let reason, _):
                writer.writeSigned(amount)
                writer.writeArray(lines) { $0.write($1) }
                writer.writeOptional(reason)
            case .partRefunded(let refund, let number, _):
                writer.write(refund)
                writer.writeVarint(UInt64(number))
            }
        }
    }

    /// Whether an event's byte form says that the order was placed. It is the longest of them, and a reader that only
    /// follows what becomes of orders need not read it.
    public static func isPlacing(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.first == 1 }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "an order", bytes) { number, schema, fields throws(MalformedBytes) in
            let time = try fields.timestamp()
            switch (number, schema) {
            case (1, 1...Placement.schemaMax): return .placed(try fields.placement(schema: schema), at: time)
            case (2, 1): return .rejected(try fields.rejection(), at: time)
            case (3, 1): return .paymentUnknown(at: time)
            case (4, 1): return .paid(try fields.reference(ChargeID.self), at: time)
            case (5, 1): return .fulfilled(at: time)
            case (6, 1): return .shipped(tracking: try fields.optionalString(), at: time)
            case (7, 1): return .delivered(at: time)
            case (8, 1):
                return .cancelled(
                    reason: try fields.optionalString(), refundDue: try fields.bool(), restock: try fields.bool(),
                    at: time)
            case (9, 1):
                return .refundRequested(reason: try fields.optionalString(), restock: try fields.bool(), at: time)
            case (10, 1): return .refunded(try fields.reference(RefundID.self), at: time)
            case (11, 1): return .trackingCorrected(try fields.string(), at: time)
            case (12, 1):
                return .partRefundRequested(
                    amount: try fields.signed(),
                    lines: try fields.array(bytesMin: 3) { f throws(MalformedBytes) in try f.refundLine() },
                    reason: try fields.optionalString(), at: time)
            case (13, 1):
                return .partRefunded(
                    try fields.reference(RefundID.self), number: try fields.position(), at: time)
            case (14, 1): return .addressCorrected(try fields.shippingAddress(), at: time)
            case (15, 1): return .personalDataErased(at: time)
            default: return nil
            }
        }
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
        case .trackingCorrected: 11
        case .partRefundRequested: 12
        case .partRefunded: 13
        case .addressCorrected: 14
        case .personalDataErased: 15
        }
    }

    /// The schema that it is written in today.
    fileprivate var schema: UInt8 {
        switch self {
        case .placed(let placement, _): placement.schema
        default: 1
        }
    }
}
