import Commerce
import EventSourcing
import Wire

extension Order {
    /// 2: whether the cart is cleared, and the tracking codes that were corrected. 3: any number of refunds.
    /// 4 and above: a corrected address, and the placement in its own schema, which is two less. What the state itself
    /// gains begins at 16, which leaves the placement room.
    private static let stateSchemaMax: UInt8 = Placement.schemaMax + 2
    private var stateSchema: UInt8 { (placement?.schema ?? 2) + 2 }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes, schema: stateSchema) { writer in
            guard let placement, let placedAt, let updatedAt, let status else { return writer.write(false) }
            writer.write(true)
            writer.write(placement)
            writer.write(placedAt)
            writer.write(updatedAt)
            writer.append(status.number)
            writer.append(payment.number)
            writer.writeOptional(rejection) { $0.write($1) }
            writer.writeOptional(charge) { $0.write($1) }
            writer.writeArray(refunds) { $0.write($1) }
            writer.writeOptional(tracking)
            // There was no abandoned payment when this was a flag.
            writer.append(isAbandoned ? 2 : wasPending ? 1 : 0)
            writer.writeArray(formerTrackings) { writer, former in
                writer.write(former.code)
                writer.write(former.replacedAt)
            }
            writer.writeOptional(correctedAddress) { $0.write($1) }
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: OrderID) throws(MalformedBytes) -> Order {
        try FieldReader.state(of: "an order", bytes, newest: stateSchemaMax, into: Order(id: id)) {
            order, schema, fields throws(MalformedBytes) in
            if try fields.bool() {
                let placement = try fields.placement(schema: schema >= 4 ? schema - 2 : min(schema, 2))
                order.placement = placement
                order.total = placement.total
                order.placedAt = try fields.timestamp()
                order.updatedAt = try fields.timestamp()
                order.status = try fields.orderStatus()
                order.payment = try fields.paymentStatus()
                order.rejection = try fields.optional { f throws(MalformedBytes) in try f.rejection() }
                order.charge = try fields.optional { f throws(MalformedBytes) in try f.reference(ChargeID.self) }
                order.refunds = schema >= 3
                    ? try fields.array(bytesMin: 11) { f throws(MalformedBytes) in try f.refund() }
                    : try fields.onlyRefund(of: order)
                guard order.hasPossibleRefunds else { throw fields.malformed("a refund of more than was bought") }
                order.tracking = try fields.optionalString()
                (order.wasPending, order.isAbandoned) = try fields.pending()
                if schema >= 2 {
                    order.formerTrackings = try fields.array(bytesMin: 9) { f throws(MalformedBytes) in
                        FormerTracking(code: try f.string(), replacedAt: try f.timestamp())
                    }
                }
                if schema >= 4 {
                    order.correctedAddress = try fields.optional { f throws(MalformedBytes) in try f.shippingAddress() }
                }
            }
        }
    }
}

extension OrderStatus {
    fileprivate var number: UInt8 {
        switch self {
        case .placed: 1
        case .paid: 2
        case .fulfilled: 3
        case .shipped: 4
        case .delivered: 5
        case .cancelled: 6
        case .rejected: 7
        case .refunded: 8
        }
    }
}

extension PaymentStatus {
    fileprivate var number: UInt8 {
        switch self {
        case .pending: 1
        case .unknown: 2
        case .paid: 3
        case .declined: 4
        case .unavailable: 5
        case .refundPending: 6
        case .refunded: 7
        case .notCharged: 8
        case .partlyRefunded: 9
        }
    }
}

extension FieldReader {
    fileprivate mutating func orderStatus() throws(MalformedBytes) -> OrderStatus {
        switch try byte() {
        case 1: .placed
        case 2: .paid
        case 3: .fulfilled
        case 4: .shipped
        case 5: .delivered
        case 6: .cancelled
        case 7: .rejected
        case 8: .refunded
        default: throw malformed("no such status of an order")
        }
    }

    /// The refund of everything, when an order had no other: its confirmation, or since when it was owed.
    fileprivate mutating func onlyRefund(of order: Order) throws(MalformedBytes) -> [Refund] {
        let confirmation = try optional { f throws(MalformedBytes) in try f.reference(RefundID.self) }
        let dueSince = try optionalTimestamp()
        guard let total = order.total, let updatedAt = order.updatedAt, confirmation != nil || dueSince != nil else {
            return []
        }
        // Nothing happens to an order after its refund was confirmed.
        return [
            Refund(
                scope: .remainder, amount: total.amount, updatedAt: dueSince ?? updatedAt, confirmation: confirmation)
        ]
    }

    fileprivate mutating func pending() throws(MalformedBytes) -> (wasPending: Bool, isAbandoned: Bool) {
        switch try byte() {
        case 0: (false, false)
        case 1: (true, false)
        case 2: (true, true)
        default: throw malformed("neither pending nor abandoned")
        }
    }

    fileprivate mutating func paymentStatus() throws(MalformedBytes) -> PaymentStatus {
        switch try byte() {
        case 1: .pending
        case 2: .unknown
        case 3: .paid
        case 4: .declined
        case 5: .unavailable
        case 6: .refundPending
        case 7: .refunded
        case 8: .notCharged
        case 9: .partlyRefunded
        default: throw malformed("no such status of a payment")
        }
    }
}
