import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Creates a product, once for each key. A repeated request is answered with the product as it now is.
public struct CreateProduct: KeyedStep {
    public let id: ProductID
    public let details: Product.Details
    /// Units on hand of SKUs that the product may not take over with them. They were looked at before the step, for
    /// stock lives on the shards of its SKUs.
    public let stocked: [SKUUnits]
    public let key: StepKey?

    public init(_ id: ProductID, _ details: Product.Details, stocked: [SKUUnits] = [], key: StepKey? = nil) {
        self.id = id
        self.details = details
        self.stocked = stocked
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 6) }
    public var slot: Slot { id.slot }

    public func run(in batch: Batch) throws(CatalogueRefusal) -> ProductAnswer {
        if let kept = try kept(in: batch) {
            return ProductAnswer(product: batch.read(Product.self, Self.id(kept)), isRepeated: true)
        }
        try batch.create(id, details, stocked: stocked.byName)
        batch.keep(KeptAnswer.bytes { $0.write(id) }, under: key)
        return ProductAnswer(product: batch.read(Product.self, id), isRepeated: false)
    }

    private static func id(_ kept: KeptAnswer) -> ProductID {
        guard kept.isDocument else {
            return kept.value { fields throws(MalformedBytes) in try fields.identifier(ProductID.self) }
        }
        // An earlier version kept where the product is found.
        guard let name = kept.location?.split(separator: "/").last, let id = ProductID(String(name)) else {
            preconditionFailure("a key keeps no product")
        }
        return id
    }
}

/// A product after a step.
public struct ProductAnswer: WireCodable {
    public let product: Versioned<Product>
    /// Whether it had been created before, under the same key.
    public let isRepeated: Bool
}

// MARK: - Bytes

extension CreateProduct {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(id)
            writer.write(details)
            writer.writeArray(stocked) { $0.write($1) }
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            CreateProduct(
                try fields.identifier(ProductID.self), try fields.details(isBounded: true),
                stocked: try fields.stocked(productsMax: 1), key: try fields.optionalStepKey())
        }
    }
}

extension ProductAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(isRepeated)
            writer.write(product.state.id)
            writer.write(product.encoded())
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let (isRepeated, id) = (try fields.bool(), try fields.identifier(ProductID.self))
            return ProductAnswer(product: try Versioned(row: try fields.blob(), id: id), isRepeated: isRepeated)
        }
    }
}

extension FieldReader {
    mutating func stocked(productsMax: Int) throws(MalformedBytes) -> [SKUUnits] {
        try array(bytesMin: 3, countMax: productsMax * Product.Details.variantsMax) { f throws(MalformedBytes) in
            try f.skuUnits()
        }
    }
}
