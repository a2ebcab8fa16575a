import Commerce
import EventSourcing
import Wire

/// What a placement says came little by little: 2, whether it clears the cart; 3, a guest's e-mail address. One without
/// an address is written as 2, which every version reads.
extension Placement {
    static let schemaMax: UInt8 = 3
    /// The schema that it is written in today.
    var schema: UInt8 { email == nil ? 2 : 3 }
    /// The version of the cluster that its schema came with.
    var versionNeeded: ClusterVersion { email == nil ? .first : .second }
}

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
        if let email = placement.email { write(email.description) }
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
    /// - Parameter schema: of the placement: see `Placement.schema`.
    mutating func placement(schema: UInt8) throws(MalformedBytes) -> Placement {
        let customer = try identifier(CustomerID.self)
        let placedBy = try optional { f throws(MalformedBytes) in try f.identifier(CustomerID.self) } ?? customer
        let (deadline, currency) = (try timestamp(), try currency())
        let lines = try array(bytesMin: 4) { f throws(MalformedBytes) in
            OrderLine(sku: try f.sku(), quantity: try f.units(), unitPrice: try f.signed())
        }
        let address = try optional { f throws(MalformedBytes) in try f.shippingAddress() }
        let paymentMethod = try optionalString()
        let clearsCart = schema >= 2 ? try bool() : false
        let placement = Placement(
            customer: customer, lines: lines, currency: currency, shippingAddress: address,
            email: schema >= 3 ? try email() : nil, paymentMethod: paymentMethod, placedBy: placedBy,
            deadline: deadline, clearsCart: clearsCart)
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
