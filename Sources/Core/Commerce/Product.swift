import EventSourcing

/// A named property of a product or a variant, such as `colour: red`.
public struct ProductAttribute: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// One sellable form of a product.
public struct Variant: Hashable, Sendable {
    public let sku: SKU
    public let title: String?
    /// Ascending by name once recorded.
    public package(set) var attributes: [ProductAttribute]
    public package(set) var price: Money

    public init(sku: SKU, title: String? = nil, attributes: [ProductAttribute] = [], price: Money) {
        self.sku = sku
        self.title = title
        self.attributes = attributes
        self.price = price
    }
}

/// A product of the catalogue, with its variants.
///
/// Invariant: at least one variant, each SKU once, all prices in one currency.
public struct Product: Aggregate, Equatable {
    public let id: ProductID
    /// nil until the product is created, and so are the times.
    public package(set) var details: Details?
    public package(set) var createdAt: Timestamp?
    /// Moves with the details, not with the units sold.
    public package(set) var updatedAt: Timestamp?
    /// Of all variants together, since the product was created, less what was cancelled or came back.
    public package(set) var unitsSold: UInt64 = 0

    public init(id: ProductID) { self.id = id }

    /// Everything that people write about a product. Plain data: `Product` checks the limits.
    public struct Details: Hashable, Sendable {
        public var title: String
        public var description: String
        public var brand: String
        /// A path, such as `Home/Kitchen`.
        public var category: String
        /// Ascending by name once recorded.
        public var attributes: [ProductAttribute]
        /// Absolute, `http` or `https`.
        public var imageURLs: [String]
        public var isActive: Bool
        public var variants: [Variant]

        public init(
            title: String, description: String = "", brand: String = "", category: String = "",
            attributes: [ProductAttribute] = [], imageURLs: [String] = [], isActive: Bool = true, variants: [Variant]
        ) {
            self.title = title
            self.description = description
            self.brand = brand
            self.category = category
            self.attributes = attributes
            self.imageURLs = imageURLs
            self.isActive = isActive
            self.variants = variants
        }
    }

    public enum Command: Sendable {
        case create(Details)
        /// Replaces the details whole.
        case update(Details)
        case setPrice(SKU, Money)
        case activate
        case deactivate
        /// Not idempotent by itself: the caller records its position with it.
        case recordUnitsSold([SKUUnits])
        /// Units that had been sold and are not any more. Not idempotent by itself, as above.
        case recordUnitsReturned([SKUUnits])
    }

    public enum Event: Sendable, Equatable {
        case created(Details, at: Timestamp)
        case updated(Details, at: Timestamp)
        case priced(SKU, Money, at: Timestamp)
        case activated(at: Timestamp)
        case deactivated(at: Timestamp)
        /// Ascending by SKU.
        case unitsSold([SKUUnits])
        /// Ascending by SKU.
        case unitsReturned([SKUUnits])
    }

    public enum Refusal: Error, Sendable, Equatable {
        case notCreated
        /// A product with other details stands under this id.
        case alreadyCreated
        case invalid(field: ProductField, ProductProblem)
        case noSuchVariant(SKU)
    }
}

/// A field of a product's details. Positions count from zero.
public enum ProductField: Hashable, Sendable {
    case title
    case description
    case brand
    case category
    case attributes
    case imageURLs
    case imageURL(Int)
    case variants
    case variantSKU(Int)
    case variantTitle(Int)
    case variantAttributes(Int)
    case variantPrice(Int)
}

/// What is wrong with a field.
public enum ProductProblem: Hashable, Sendable {
    case empty
    /// More characters or elements than the limit.
    case tooLong(max: Int)
    /// Control characters, or not of the field's form.
    case malformed
    /// The same name or SKU twice.
    case duplicate
    /// A price below zero or above `Placement.unitPriceMax`.
    case outOfRange
    /// Another currency than that of the first variant.
    case otherCurrency
    /// A new SKU that no path can name.
    case unaddressable
}

extension ProductID {
    /// A new product's id, routed to the catalogue.
    public init(at moment: Timestamp, random: UInt64) {
        self.init(at: moment, slot: .catalogue, random: random)
    }
}
