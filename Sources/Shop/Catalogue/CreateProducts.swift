import ActorSystem
import Commerce
import EventSourcing
import Schema
import Steps
import Wire

/// Creates many products, as an import sends them, once for each key. Each stands for itself.
public struct CreateProducts: KeyedStep {
    /// At most `productsMax`.
    public let products: [NewProduct]
    /// Units on hand of SKUs of all of them: see `CreateProduct`.
    public let stocked: [SKUUnits]
    public let key: StepKey?

    public struct NewProduct: Sendable, Hashable {
        public let id: ProductID
        public let details: Product.Details
        /// Whether units on hand of a SKU that no product has become those of this one.
        public let takesOverStock: Bool

        public init(id: ProductID, details: Product.Details, takesOverStock: Bool) {
            self.id = id
            self.details = details
            self.takesOverStock = takesOverStock
        }
    }

    /// The most products of one request; what an import sends.
    public static let productsMax = 100

    public init(_ products: [NewProduct], stocked: [SKUUnits] = [], key: StepKey? = nil) {
        self.products = products
        self.stocked = stocked
        self.key = key
    }

    public static var number: StepNumber { StepNumber(rawValue: 7) }
    public var slot: Slot { .catalogue }

    public func run(in batch: Batch) throws(KeyReused) -> ProductsAnswer {
        if let kept = try kept(in: batch) { return ProductsAnswer(kept) }
        let stocked = stocked.byName
        let outcomes = products.map { product -> ProductOutcome in
            do throws(CatalogueRefusal) {
                try batch.create(product.id, product.details, stocked: product.takesOverStock ? [:] : stocked)
                return .created(product.id)
            } catch {
                return .refused(error)
            }
        }
        batch.keep(ProductsAnswer.kept(outcomes), under: key)
        return .done(outcomes, isRepeated: false)
    }
}

/// What became of one product among many.
public enum ProductOutcome: Sendable, Equatable {
    case created(ProductID)
    case refused(CatalogueRefusal)
}

/// What a request with many products is answered.
public enum ProductsAnswer: WireCodable, Equatable {
    /// In the order of the products; `isRepeated` when the key had kept it.
    case done([ProductOutcome], isRepeated: Bool)
    /// As the gateway of an earlier version wrote it into the key: JSON, with the refusals of malformed products too.
    case document([UInt8])

    init(_ kept: KeptAnswer) {
        guard !kept.isDocument else {
            self = .document(kept.body)
            return
        }
        self = .done(kept.value { fields throws(MalformedBytes) in try fields.productOutcomes() }, isRepeated: true)
    }

    /// Whole where a key may keep so much; else each refusal with its first SKU only.
    static func kept(_ outcomes: [ProductOutcome]) -> [UInt8] {
        let whole = KeptAnswer.bytes { $0.write(outcomes) }
        guard whole.count > IdempotencyKey.answerBytesMax else { return whole }
        return KeptAnswer.bytes { $0.write(outcomes.map(\.shortened)) }
    }
}

extension ProductOutcome {
    fileprivate var shortened: ProductOutcome {
        switch self {
        case .refused(.skusTaken(let taken)): .refused(.skusTaken(Array(taken.prefix(1))))
        case .refused(.skusInStock(let lines)): .refused(.skusInStock(Array(lines.prefix(1))))
        case .created, .refused: self
        }
    }
}

// MARK: - Bytes

extension CreateProducts {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            writer.writeArray(products) { writer, product in
                writer.write(product.id)
                writer.write(product.details)
                writer.write(product.takesOverStock)
            }
            writer.writeArray(stocked) { $0.write($1) }
            writer.writeOptional(key)
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            let products = try fields.array(bytesMin: 25, countMax: Self.productsMax) { f throws(MalformedBytes) in
                NewProduct(
                    id: try f.identifier(ProductID.self), details: try f.details(isBounded: true),
                    takesOverStock: try f.bool())
            }
            return CreateProducts(
                products, stocked: try fields.stocked(productsMax: Self.productsMax),
                key: try fields.optionalStepKey())
        }
    }
}

extension ProductsAnswer {
    public func encode(into bytes: inout [UInt8]) {
        RecordWriter.append(to: &bytes) { writer in
            switch self {
            case .done(let outcomes, let isRepeated):
                writer.append(isRepeated ? 2 : 1)
                writer.write(outcomes)
            case .document(let text):
                writer.append(3)
                writer.write(text)
            }
        }
    }

    public init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        self = try FieldReader.whole(bytes) { fields throws(MalformedBytes) in
            switch try fields.byte() {
            case 1: .done(try fields.productOutcomes(), isRepeated: false)
            case 2: .done(try fields.productOutcomes(), isRepeated: true)
            case 3: .document(try fields.blob(bytesMax: IdempotencyKey.answerBytesMax))
            default: throw fields.malformed("no such answer about many products")
            }
        }
    }
}

extension RecordWriter {
    fileprivate mutating func write(_ outcomes: [ProductOutcome]) {
        writeArray(outcomes) { writer, outcome in
            switch outcome {
            case .created(let id):
                writer.append(1)
                writer.write(id)
            case .refused(let refusal):
                writer.append(2)
                writer.write(refusal)
            }
        }
    }
}

extension FieldReader {
    fileprivate mutating func productOutcomes() throws(MalformedBytes) -> [ProductOutcome] {
        try array(bytesMin: 2, countMax: CreateProducts.productsMax) { f throws(MalformedBytes) -> ProductOutcome in
            switch try f.byte() {
            case 1: .created(try f.identifier(ProductID.self))
            case 2: .refused(try f.catalogueRefusal())
            default: throw f.malformed("no such outcome of a product")
            }
        }
    }
}
