import Commerce
import EventSourcing
import Schema
import Wire

/// The commands that a client may have taken, and what an order says against them.
extension RecordWriter {
    mutating func write(ofClient command: Order.Command) {
        switch command {
        case .correctAddress(let address):
            append(1)
            write(address)
        case .ship(let tracking):
            append(2)
            writeOptional(tracking)
        case .deliver: append(3)
        case .cancel(let reason):
            append(4)
            writeOptional(reason)
        case .refund(let reason, let restock):
            append(5)
            writeOptional(reason)
            write(restock)
        case .refundPart(.amount(let amount), let reason):
            append(6)
            writeOptional(reason)
            writeSigned(amount)
        case .refundPart(.items(let items), let reason):
            append(7)
            writeOptional(reason)
            writeArray(items) { writer, item in
                writer.write(item.sku)
                writer.write(item.quantity)
                writer.writeOptional(item.restock) { $0.write($1) }
            }
        case .fulfill: append(8)
        case .place, .reject, .markPaymentUnknown, .abandonPayment, .confirmPayment, .confirmRefund,
            .erasePersonalData:
            preconditionFailure("\(command) is no command of a client")
        }
    }

    mutating func write(_ refusal: Order.Refusal) {
        switch refusal {
        case .notPlaced: append(1)
        case .alreadyPlaced: append(2)
        case .invalid(let field):
            append(3)
            write(field)
        case .illegalTransition(let status, let step):
            append(4)
            write(status.rawValue)
            write(step.rawValue)
        case .paymentInProgress: append(5)
        case .refundInProgress: append(6)
        case .chargeConflict(let charge):
            append(7)
            write(charge)
        case .refundExceedsPayment(let left, let isOfLines):
            append(8)
            writeSigned(left)
            write(isOfLines)
        case .refundExceedsLines(let item, let left):
            append(9)
            writeCount(item)
            write(left)
        case .tooManyRefunds: append(10)
        }
    }

    mutating func write(_ field: PlacementField) {
        switch field {
        case .lines: append(1)
        case .quantity(let line):
            append(2)
            writeCount(line)
        case .unitPrice(let line):
            append(3)
            writeCount(line)
        case .total: append(4)
        case .shippingAddress: append(5)
        case .paymentMethod: append(6)
        case .deadline: append(7)
        case .tracking: append(8)
        case .reason: append(9)
        case .refundItems: append(10)
        case .refundSKU(let item):
            append(11)
            writeCount(item)
        case .refundQuantity(let item):
            append(12)
            writeCount(item)
        case .refundAmount: append(13)
        }
    }
}

extension FieldReader {
    mutating func commandOfClient() throws(MalformedBytes) -> Order.Command {
        switch try byte() {
        case 1: return .correctAddress(try shippingAddress())
        case 2: return .ship(tracking: try optionalString())
        case 3: return .deliver
        case 4: return .cancel(reason: try optionalString())
        case 5: return .refund(reason: try optionalString(), restock: try bool())
        case 6:
            let reason = try optionalString()
            return .refundPart(.amount(try signed()), reason: reason)
        case 7:
            let reason = try optionalString()
            let items = try array(bytesMin: 4) { f throws(MalformedBytes) in
                RefundItem(
                    sku: try f.sku(), quantity: try f.units(),
                    restock: try f.optional { f throws(MalformedBytes) in try f.bool() })
            }
            return .refundPart(.items(items), reason: reason)
        case 8: return .fulfill
        default: throw malformed("no such command of a client")
        }
    }

    mutating func refusalOfOrder() throws(MalformedBytes) -> Order.Refusal {
        switch try byte() {
        case 1: .notPlaced
        case 2: .alreadyPlaced
        case 3: .invalid(try placementField())
        case 4: .illegalTransition(from: try named(OrderStatus.self), try named(OrderStep.self))
        case 5: .paymentInProgress
        case 6: .refundInProgress
        case 7: .chargeConflict(try reference(ChargeID.self))
        case 8: .refundExceedsPayment(left: try signed(), ofLines: try bool())
        case 9: .refundExceedsLines(item: try position(), left: try units())
        case 10: .tooManyRefunds
        default: throw malformed("no such refusal of an order's rules")
        }
    }

    mutating func placementField() throws(MalformedBytes) -> PlacementField {
        switch try byte() {
        case 1: .lines
        case 2: .quantity(line: try position())
        case 3: .unitPrice(line: try position())
        case 4: .total
        case 5: .shippingAddress
        case 6: .paymentMethod
        case 7: .deadline
        case 8: .tracking
        case 9: .reason
        case 10: .refundItems
        case 11: .refundSKU(item: try position())
        case 12: .refundQuantity(item: try position())
        case 13: .refundAmount
        default: throw malformed("no such field of an order")
        }
    }

    private mutating func named<Value: RawRepresentable<String>>(_: Value.Type) throws(MalformedBytes) -> Value {
        guard let value = Value(rawValue: try string()) else { throw malformed("no such name of \(Value.self)") }
        return value
    }
}
