import Commerce
import EventSourcing
import Wire

extension Product: Recorded {
    public static var kind: AggregateKind { AggregateKind(rawValue: 5) }

    /// The group that lists every product, by id and so by time.
    public static let listingGroup = [UInt8]("products".utf8)

    public var listing: Listing? {
        guard details != nil else { return nil }
        var key: [UInt8] = []
        id.encode(into: &key)
        return Listing(group: Self.listingGroup, key: key)
    }

    public static func encode(_ event: Event, into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch event {
            case .created(let details, let now):
                writer.writeHeader(1, schema: 1)
                writer.write(now)
                writer.write(details)
            case .updated(let details, let now):
                writer.writeHeader(2, schema: 1)
                writer.write(now)
                writer.write(details)
            case .priced(let sku, let price, let now):
                writer.writeHeader(3, schema: 1)
                writer.write(now)
                writer.write(sku)
                writer.write(price)
            case .activated(let now):
                writer.writeHeader(4, schema: 1)
                writer.write(now)
            case .deactivated(let now):
                writer.writeHeader(5, schema: 1)
                writer.write(now)
            case .unitsSold(let sold):
                writer.writeHeader(6, schema: 1)
                writer.writeArray(sold) { $0.write($1) }
            case .unitsReturned(let returned):
                writer.writeHeader(7, schema: 1)
                writer.writeArray(returned) { $0.write($1) }
            }
        }
    }

    public static func decodeEvent(_ bytes: ArraySlice<UInt8>) throws(MalformedBytes) -> Event {
        try FieldReader.event(of: "a product", bytes) { number, schema, fields throws(MalformedBytes) in
            switch (number, schema) {
            case (1, 1):
                let now = try fields.timestamp()
                return .created(try fields.details(), at: now)
            case (2, 1):
                let now = try fields.timestamp()
                return .updated(try fields.details(), at: now)
            case (3, 1):
                let now = try fields.timestamp()
                return .priced(try fields.sku(), try fields.money(), at: now)
            case (4, 1): return .activated(at: try fields.timestamp())
            case (5, 1): return .deactivated(at: try fields.timestamp())
            case (6, 1):
                return .unitsSold(try fields.array(bytesMin: 3) { f throws(MalformedBytes) in try f.skuUnits() })
            case (7, 1):
                return .unitsReturned(try fields.array(bytesMin: 3) { f throws(MalformedBytes) in try f.skuUnits() })
            default: return nil
            }
        }
    }

    public func encodeState(into bytes: inout [UInt8]) {
        RecordWriter.appendState(to: &bytes) { writer in
            guard let details, let createdAt, let updatedAt else { return writer.write(false) }
            writer.write(true)
            writer.write(details)
            writer.write(createdAt)
            writer.write(updatedAt)
            writer.writeVarint(unitsSold)
        }
    }

    public static func decodeState(_ bytes: ArraySlice<UInt8>, id: ProductID) throws(MalformedBytes) -> Product {
        try FieldReader.state(of: "a product", bytes, into: Product(id: id)) { product, fields throws(MalformedBytes) in
            if try fields.bool() {
                product.details = try fields.details()
                product.createdAt = try fields.timestamp()
                product.updatedAt = try fields.timestamp()
                product.unitsSold = try fields.varint()
            }
        }
    }
}
