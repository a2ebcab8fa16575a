import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Why the catalogue was not changed.
public enum CatalogueRefusal: KeyedRefusal, Equatable {
    /// The key stands for another request.
    case keyReused
    /// Other products have these SKUs.
    case skusTaken([SKUClaimant])
    /// No product has these SKUs, and units of them are on hand.
    case skusInStock([SKUUnits])
    case product(Product.Refusal)
    /// The price of one variant, which the request has alone.
    case price(ProductProblem)
    /// The details are not those that the caller names.
    case condition(ConditionFailure)

    public var isKept: Bool {
        switch self {
        case .keyReused, .condition: false
        case .skusTaken, .skusInStock, .product, .price: true
        }
    }
}

/// A SKU, and the product that has it.
public struct SKUClaimant: Hashable, Sendable {
    public let sku: SKU
    public let product: ProductID
}

// MARK: - Bytes

extension CatalogueRefusal {
    public func encode(into bytes: inout [UInt8]) { RecordWriter.append(to: &bytes) { $0.write(self) } }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in try fields.catalogueRefusal() }
    }
}

extension RecordWriter {
    mutating func write(_ refusal: CatalogueRefusal) {
        switch refusal {
        case .keyReused: append(1)
        case .skusTaken(let taken):
            append(2)
            writeArray(taken) { writer, claimant in
                writer.write(claimant.sku)
                writer.write(claimant.product)
            }
        case .skusInStock(let lines):
            append(3)
            writeArray(lines) { $0.write($1) }
        case .product(let refusal):
            append(4)
            write(refusal)
        case .price(let problem):
            append(5)
            write(problem)
        case .condition(let failure):
            append(6)
            write(failure)
        }
    }

    private mutating func write(_ refusal: Product.Refusal) {
        switch refusal {
        case .notCreated: append(1)
        case .alreadyCreated: append(2)
        case .invalid(let field, let problem):
            append(3)
            write(field)
            write(problem)
        case .noSuchVariant(let sku):
            append(4)
            write(sku)
        }
    }

    /// A number, and the position; zero where the field has none.
    private mutating func write(_ field: ProductField) {
        let (number, position): (UInt8, Int) =
            switch field {
            case .title: (1, 0)
            case .description: (2, 0)
            case .brand: (3, 0)
            case .category: (4, 0)
            case .attributes: (5, 0)
            case .imageURLs: (6, 0)
            case .imageURL(let position): (7, position)
            case .variants: (8, 0)
            case .variantSKU(let position): (9, position)
            case .variantTitle(let position): (10, position)
            case .variantAttributes(let position): (11, position)
            case .variantPrice(let position): (12, position)
            }
        append(number)
        writeCount(position)
    }

    /// A number, and the limit; zero where the problem has none.
    private mutating func write(_ problem: ProductProblem) {
        let (number, max): (UInt8, Int) =
            switch problem {
            case .empty: (1, 0)
            case .tooLong(let max): (2, max)
            case .malformed: (3, 0)
            case .duplicate: (4, 0)
            case .outOfRange: (5, 0)
            case .otherCurrency: (6, 0)
            case .unaddressable: (7, 0)
            }
        append(number)
        writeCount(max)
    }
}

extension FieldReader {
    mutating func catalogueRefusal() throws(MalformedBytes) -> CatalogueRefusal {
        switch try byte() {
        case 1: .keyReused
        case 2:
            .skusTaken(
                try array(bytesMin: 18, countMax: Product.Details.variantsMax) { f throws(MalformedBytes) in
                    SKUClaimant(sku: try f.sku(), product: try f.identifier(ProductID.self))
                })
        case 3: .skusInStock(try stocked(productsMax: 1))
        case 4: .product(try productRefusal())
        case 5: .price(try productProblem())
        case 6: .condition(try conditionFailure())
        default: throw malformed("no such refusal of the catalogue")
        }
    }

    private mutating func productRefusal() throws(MalformedBytes) -> Product.Refusal {
        switch try byte() {
        case 1: .notCreated
        case 2: .alreadyCreated
        case 3: .invalid(field: try productField(), try productProblem())
        case 4: .noSuchVariant(try sku())
        default: throw malformed("no such refusal of a product")
        }
    }

    private mutating func productField() throws(MalformedBytes) -> ProductField {
        switch (try byte(), try position()) {
        case (1, 0): .title
        case (2, 0): .description
        case (3, 0): .brand
        case (4, 0): .category
        case (5, 0): .attributes
        case (6, 0): .imageURLs
        case (7, let position): .imageURL(position)
        case (8, 0): .variants
        case (9, let position): .variantSKU(position)
        case (10, let position): .variantTitle(position)
        case (11, let position): .variantAttributes(position)
        case (12, let position): .variantPrice(position)
        default: throw malformed("no such field of a product")
        }
    }

    private mutating func productProblem() throws(MalformedBytes) -> ProductProblem {
        switch (try byte(), try position()) {
        case (1, 0): .empty
        case (2, let max): .tooLong(max: max)
        case (3, 0): .malformed
        case (4, 0): .duplicate
        case (5, 0): .outOfRange
        case (6, 0): .otherCurrency
        case (7, 0): .unaddressable
        default: throw malformed("no such problem of a product")
        }
    }

    private mutating func position() throws(MalformedBytes) -> Int {
        guard let position = Int(exactly: try varint()) else { throw malformed("no position") }
        return position
    }
}
