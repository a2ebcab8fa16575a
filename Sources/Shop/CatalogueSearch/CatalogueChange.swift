import EventSourcing

/// What happened to the catalogue, as the index needs to know it.
///
/// Every change states a new value, never a difference, so that applying one twice changes nothing. Changes of
/// different logs may arrive in any order: a SKU's availability or a product's sales may come before the product
/// itself.
public enum CatalogueChange: Sendable, Equatable {
    /// The product is now this, whether it was known or not.
    case product(CatalogueDocument)
    /// The SKU can, or can no longer, be bought.
    case availability(sku: String, inStock: Bool)
    /// How many units of the product were ever sold.
    case unitsSold(productID: String, units: Int64)
}

/// A product as people look for it.
public struct CatalogueDocument: Sendable, Equatable {
    public var productID: String
    public var title: String
    public var description: String
    /// Nil when the product has none.
    public var brand: String?
    /// From the widest category to the narrowest, such as `["Home", "Lighting"]`. Empty when the product is in none.
    public var category: [String]
    public var attributes: [CatalogueAttribute]
    /// Customers find active products only.
    public var isActive: Bool
    public var variants: [CatalogueVariant]
    /// Nil keeps what `CatalogueChange.unitsSold` said, or zero.
    public var unitsSold: Int64?
    public var createdAt: Timestamp

    public init(
        productID: String, title: String, description: String = "", brand: String? = nil, category: [String] = [],
        attributes: [CatalogueAttribute] = [], isActive: Bool = true, variants: [CatalogueVariant] = [],
        unitsSold: Int64? = nil, createdAt: Timestamp
    ) {
        self.productID = productID
        self.title = title
        self.description = description
        self.brand = brand
        self.category = category
        self.attributes = attributes
        self.isActive = isActive
        self.variants = variants
        self.unitsSold = unitsSold
        self.createdAt = createdAt
    }
}

public struct CatalogueAttribute: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

public struct CatalogueVariant: Sendable, Equatable {
    public var sku: String
    /// In minor units of `currency`, zero or more.
    public var amount: Int64
    /// ISO 4217, such as `GBP`.
    public var currency: String
    /// Nil keeps what `CatalogueChange.availability` said, or not in stock.
    public var inStock: Bool?

    public init(sku: String, amount: Int64, currency: String, inStock: Bool? = nil) {
        self.sku = sku
        self.amount = amount
        self.currency = currency
        self.inStock = inStock
    }
}
