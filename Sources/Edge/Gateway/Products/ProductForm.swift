import Catalogue
import Commerce

/// A product as the body of a request says it.
struct ProductForm: Sendable {
    let details: Product.Details
    /// Whether units on hand of a SKU that no product has become those of this one.
    let takesOverStock: Bool

    /// The SKUs whose units on hand the product must not take over unsaid.
    var guardedSKUs: [SKU] { takesOverStock ? [] : details.variants.map(\.sku) }

    static func decode(_ body: inout ObjectReader) -> ProductForm? {
        let title = body.name("title", length: 1...Product.Details.titleLengthMax)
        let description = body.optionalString("description", length: 0...Product.Details.descriptionLengthMax)
        let brand = body.optionalName("brand", length: 0...Product.Details.brandLengthMax)
        let category = body.optionalName("category", length: 0...Product.Details.categoryLengthMax)
        let attributes = readAttributes(&body)
        let images = body.optionalStrings(
            "image_urls", count: 0...Product.Details.imageURLsMax, length: 1...Product.Details.imageURLLengthMax)
        let isActive = body.optionalBoolean("active")
        let variants = body.objects("variants", count: 1...Product.Details.variantsMax) { readVariant(&$0) }
        let takesOverStock = body.optionalBoolean("take_over_stock")
        guard let title, let variants else { return nil }
        let details = Product.Details(
            title: title, description: description ?? "", brand: brand ?? "", category: category ?? "",
            attributes: attributes, imageURLs: images ?? [], isActive: isActive ?? true, variants: variants)
        return ProductForm(details: details, takesOverStock: takesOverStock ?? false)
    }

    private static func readVariant(_ variant: inout ObjectReader) -> Variant? {
        let sku = variant.value("sku", length: 1...SKU.lengthMax, FieldForm.sku) { SKU($0) }
        let title = variant.optionalName("title", length: 0...Product.Details.titleLengthMax)
        let attributes = readAttributes(&variant)
        let price = variant.object("price") { readMoney(&$0) }
        guard let sku, let price else { return nil }
        return Variant(sku: sku, title: title, attributes: attributes, price: price)
    }

    static func readMoney(_ money: inout ObjectReader) -> Money? {
        let amount = money.integer("amount", in: 0...Placement.unitPriceMax)
        let currency = money.value("currency", length: 3...3, FieldForm.currency) { Currency(listed: $0) }
        guard let amount, let currency else { return nil }
        return Money(amount: amount, currency: currency)
    }

    private static func readAttributes(_ body: inout ObjectReader) -> [ProductAttribute] {
        let pairs = body.optionalStringMap(
            "attributes", count: 0...Product.Details.attributesMax,
            keyLength: 1...Product.Details.attributeNameLengthMax,
            valueLength: 0...Product.Details.attributeValueLengthMax)
        return (pairs ?? []).map { ProductAttribute(name: $0.key, value: $0.value.trimmed) }
    }

    /// Reads `{"products": […]}`.
    static func decodeBatch(_ document: JSONDocument) throws(Problem) -> [Result<ProductForm, FieldErrors>] {
        try document.batch("products", countMax: CreateProducts.productsMax).map { element in
            Result { () throws(FieldErrors) in try element.decode { decode(&$0) } }
        }
    }
}
