import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

extension RecordWriter {
    mutating func write(_ request: OrderRequest) {
        write(request.customer)
        // Nearly always the customer: then absent.
        writeOptional(request.placedBy == request.customer ? nil : request.placedBy) { $0.write($1) }
        writeArray(request.items) { writer, item in
            writer.write(item.sku)
            writer.write(item.quantity)
            writer.writeOptional(item.unitPrice) { $0.writeSigned($1) }
        }
        writeOptional(request.expectedTotal) { $0.writeSigned($1) }
        writeOptional(request.shippingAddress) { $0.write($1) }
        writeOptional(request.paymentMethod)
        write(request.key)
        write(request.fingerprint)
        write(request.clearsCart)
        write(request.sender)
    }

    private mutating func write(_ sender: OrderSender) {
        switch sender {
        case .customer: append(0)
        case .staff: append(1)
        case .guest(let email):
            append(2)
            write(email.description)
        }
    }

    mutating func write(_ refusal: OrderRefusal) {
        switch refusal {
        case .keyReused: append(1)
        case .unknownSKU(let item):
            append(2)
            writeCount(item)
        case .inactiveSKU(let item):
            append(3)
            writeCount(item)
        case .mixedCurrencies: append(4)
        case .totalDiffers(let actual):
            append(5)
            write(actual)
        case .invalid(let field):
            append(6)
            write(field)
        case .tooManyUndecided: append(7)
        case .noAccount: append(8)
        }
    }
}

extension FieldReader {
    mutating func orderRequest() throws(MalformedBytes) -> OrderRequest {
        let customer = try identifier(CustomerID.self)
        return OrderRequest(
            customer: customer,
            placedBy: try optional { f throws(MalformedBytes) in try f.identifier(CustomerID.self) } ?? customer,
            items: try array(bytesMin: 4) { f throws(MalformedBytes) in
                OrderRequest.Item(
                    sku: try f.sku(), quantity: try f.units(),
                    unitPrice: try f.optional { f throws(MalformedBytes) in try f.signed() })
            },
            expectedTotal: try optional { f throws(MalformedBytes) in try f.signed() },
            shippingAddress: try optional { f throws(MalformedBytes) in try f.shippingAddress() },
            paymentMethod: try optionalString(),
            key: try keyID(),
            fingerprint: try digest(),
            clearsCart: try bool(),
            sender: try orderSender())
    }

    private mutating func orderSender() throws(MalformedBytes) -> OrderSender {
        switch try byte() {
        case 0: .customer
        case 1: .staff
        case 2: .guest(try email())
        default: throw malformed("no such sender of an order")
        }
    }

    mutating func orderRefusal() throws(MalformedBytes) -> OrderRefusal {
        switch try byte() {
        case 1: .keyReused
        case 2: .unknownSKU(item: try position())
        case 3: .inactiveSKU(item: try position())
        case 4: .mixedCurrencies
        case 5: .totalDiffers(actual: try money())
        case 6: .invalid(try placementField())
        case 7: .tooManyUndecided
        case 8: .noAccount
        default: throw malformed("no such refusal of an order")
        }
    }
}

extension OrderRequest {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(self) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in try fields.orderRequest() }
    }
}

extension CheckoutFailure: WireCodable {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .refused(let refusal):
                writer.append(1)
                writer.write(refusal)
            case .stillRunning(let id):
                writer.append(2)
                writer.write(id)
            case .execution(let failure): preconditionFailure("\(failure) is thrown by itself")
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .refused(try fields.orderRefusal())
            case 2: .stillRunning(try fields.identifier(OrderID.self))
            default: throw fields.malformed("no such failure of a checkout")
            }
        }
    }
}

extension OrderRefusal {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(self) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in try fields.orderRefusal() }
    }
}

extension OrderAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(isReplay)
            writer.write(order)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let isReplay = try fields.bool()
            return OrderAnswer(order: try fields.order(), isReplay: isReplay)
        }
    }
}
