import ActorSystem
import Commerce
import EventSourcing
import Schema
import Wire

/// Puts a SKU into the catalogue under a product of its own; says its price when it is there.
struct OfferSKU: ShardStep {
    let sku: SKU
    let product: ProductID
    let price: Money

    /// Far above the numbers of what ships.
    static var number: StepNumber { StepNumber(rawValue: 60_001) }
    var slot: Slot { product.slot }

    init(_ sku: SKU, as product: ProductID, for price: Money) {
        self.sku = sku
        self.product = product
        self.price = price
    }

    func run(in batch: Batch) throws(Never) -> Done {
        let isThere = batch.look(at: Product.self, product) { $0.exists }
        let details = Product.Details(title: "\(sku)", variants: [Variant(sku: sku, price: price)])
        _ = Result { () throws(Product.Refusal) in
            try batch.decide(Product.self, product, isThere ? .setPrice(sku, price) : .create(details))
        }
        _ = Result { () throws(SKUClaim.Refusal) in
            try batch.decide(SKUClaim.self, CatalogueSKU(sku), .claim(product))
        }
        return Done()
    }

    // MARK: - Bytes

    func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.write(sku)
            writer.write(product)
            writer.write(price)
        }
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            OfferSKU(try fields.sku(), as: try fields.identifier(ProductID.self), for: try fields.money())
        }
    }
}
