import Commerce
import EventSourcing
import Wire

/// The parts of orders that both events and states hold. A change to one of these is a new schema of both.
extension RecordWriter {
    mutating func write(_ placement: Placement) {
        write(placement.customer)
        // Nearly always the customer: then absent.
        writeOptional(placement.placedBy == placement.customer ? nil : placement.placedBy) { $0.write($1) }
        write(placement.deadline)
        write(placement.currency)
        writeArray(placement.lines) { writer, line in
            writer.write(line.sku)
            writer.write(line.quantity)
            writer.writeSigned(line.unitPrice)
        }
        writeOptional(placement.shippingAddress) { $0.write($1) }
        writeOptional(placement.paymentMethod)
        write(placement.clearsCart)
    }

    package mutating func write(_ address: ShippingAddress) {
        write(address.name)
        write(address.line1)
        writeOptional(address.line2)
        write(address.city)
        writeOptional(address.region)
        writeOptional(address.postalCode)
        write(address.country)
    }

    package mutating func write(_ rejection: Rejection) {
        switch rejection {
        case .insufficientStock(let shortages):
            append(1)
            writeArray(shortages) { $0.write($1) }
        case .declined(let code):
            append(2)
            write(code)
        case .paymentUnavailable: append(3)
        case .paymentExpired: append(4)
        }
    }

    package mutating func write(_ shortage: Shortage) {
        write(shortage.sku)
        write(shortage.requested)
        write(shortage.available)
    }
}

extension FieldReader {
    /// - Parameter clearsCart: whether that is said: it came with the second schema of everything that has a placement.
    mutating func placement(clearsCart: Bool) throws(MalformedBytes) -> Placement {
        let customer = try identifier(CustomerID.self)
        let placedBy = try optional { f throws(MalformedBytes) in try f.identifier(CustomerID.self) } ?? customer
        let (deadline, currency) = (try timestamp(), try currency())
        let placement = Placement(
            customer: customer,
            lines: try array(bytesMin: 4) { f throws(MalformedBytes) in
                OrderLine(sku: try f.sku(), quantity: try f.units(), unitPrice: try f.signed())
            },
            currency: currency,
            shippingAddress: try optional { f throws(MalformedBytes) in try f.shippingAddress() },
            paymentMethod: try optionalString(),
            placedBy: placedBy,
            deadline: deadline,
            clearsCart: clearsCart ? try bool() : false)
        guard placement.total != nil else { throw malformed("a total that does not fit 64 bits") }
        return placement
    }

    package mutating func shippingAddress() throws(MalformedBytes) -> ShippingAddress {
        ShippingAddress(
            name: try string(), line1: try string(), line2: try optionalString(), city: try string(),
            region: try optionalString(), postalCode: try optionalString(), country: try string())
    }

    package mutating func rejection() throws(MalformedBytes) -> Rejection {
        switch try byte() {
        case 1:
            .insufficientStock(
                try array(bytesMin: 4) { f throws(MalformedBytes) in try f.shortage() })
        case 2: .declined(code: try string())
        case 3: .paymentUnavailable
        case 4: .paymentExpired
        default: throw malformed("no such reason of a rejection")
        }
    }

    package mutating func shortage() throws(MalformedBytes) -> Shortage {
        Shortage(sku: try sku(), requested: try units(), available: try units())
    }
}
