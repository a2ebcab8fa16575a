extension Product.Details {
    /// What a page heading holds.
    public static let titleLengthMax = 200
    /// A few printed pages.
    public static let descriptionLengthMax = 10_000
    public static let brandLengthMax = 100
    /// The whole path.
    public static let categoryLengthMax = 200
    /// Of a product, and of each variant.
    public static let attributesMax = 50
    public static let attributeNameLengthMax = 100
    public static let attributeValueLengthMax = 500
    public static let imageURLsMax = 20
    /// The length that every browser and proxy takes.
    public static let imageURLLengthMax = 2_000
    /// Sizes times colours; with the other limits it bounds a product's record.
    public static let variantsMax = 100

    /// Refuses what no new product can have, whatever the shop holds.
    public func checkNew() throws(Product.Refusal) { try checked().checkAddresses(but: []) }

    /// These details with attributes in order; refuses with the first field outside its limits.
    func checked() throws(Product.Refusal) -> Product.Details {
        try check(title, .title, 1...Self.titleLengthMax)
        try check(description, .description, 0...Self.descriptionLengthMax, multiline: true)
        try check(brand, .brand, 0...Self.brandLengthMax)
        try checkCategory()
        try checkImages()
        try checkVariants()
        var sorted = self
        sorted.attributes = try Self.sorted(attributes, .attributes)
        for position in variants.indices {
            sorted.variants[position].attributes = try Self.sorted(
                variants[position].attributes, .variantAttributes(position))
        }
        return sorted
    }

    private func check(
        _ text: String, _ field: ProductField, _ length: ClosedRange<Int>, multiline: Bool = false
    ) throws(Product.Refusal) {
        if length.lowerBound > 0, text.isBlank { throw .invalid(field: field, .empty) }
        guard text.unicodeScalars.count <= length.upperBound else {
            throw .invalid(field: field, .tooLong(max: length.upperBound))
        }
        guard text.isText(length, multiline: multiline) else { throw .invalid(field: field, .malformed) }
    }

    private func checkCategory() throws(Product.Refusal) {
        try check(category, .category, 0...Self.categoryLengthMax)
        let steps = category.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard category.isEmpty || steps.allSatisfy({ !$0.isEmpty }) else {
            throw .invalid(field: .category, .malformed)
        }
    }

    private func checkImages() throws(Product.Refusal) {
        guard imageURLs.count <= Self.imageURLsMax else {
            throw .invalid(field: .imageURLs, .tooLong(max: Self.imageURLsMax))
        }
        for (position, url) in imageURLs.enumerated() {
            try check(url, .imageURL(position), 1...Self.imageURLLengthMax)
            let rest = ["https://", "http://"].first(where: url.hasPrefix).map { url.utf8.dropFirst($0.utf8.count) }
            guard let rest, let first = rest.first, first != UInt8(ascii: "/"), rest.allSatisfy(isURLCharacter) else {
                throw .invalid(field: .imageURL(position), .malformed)
            }
        }
    }

    /// RFC 3986's characters, the percent sign included; nothing that could end an HTML attribute.
    private func isURLCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7e).contains(character)
        }
    }

    func checkVariants() throws(Product.Refusal) {
        guard let first = variants.first else { throw .invalid(field: .variants, .empty) }
        guard variants.count <= Self.variantsMax else {
            throw .invalid(field: .variants, .tooLong(max: Self.variantsMax))
        }
        var seen: Set<SKU> = []
        for (position, variant) in variants.enumerated() {
            guard seen.insert(variant.sku).inserted else { throw .invalid(field: .variantSKU(position), .duplicate) }
            try check(variant.title ?? "", .variantTitle(position), 0...Self.titleLengthMax)
            guard (0...Placement.unitPriceMax).contains(variant.price.amount) else {
                throw .invalid(field: .variantPrice(position), .outOfRange)
            }
            guard variant.price.currency == first.price.currency else {
                throw .invalid(field: .variantPrice(position), .otherCurrency)
            }
        }
    }

    /// Refuses SKUs that no path can name, but for those that the product had before the rule.
    func checkAddresses(but known: Set<SKU>) throws(Product.Refusal) {
        for (position, variant) in variants.enumerated()
        where !variant.sku.isAddressable && !known.contains(variant.sku) {
            throw .invalid(field: .variantSKU(position), .unaddressable)
        }
    }

    private static func sorted(
        _ attributes: [ProductAttribute], _ field: ProductField
    ) throws(Product.Refusal) -> [ProductAttribute] {
        guard attributes.count <= attributesMax else { throw .invalid(field: field, .tooLong(max: attributesMax)) }
        for attribute in attributes {
            guard attribute.name.isText(1...attributeNameLengthMax),
                attribute.value.isText(0...attributeValueLengthMax)
            else { throw .invalid(field: field, .malformed) }
        }
        let sorted = attributes.sorted { $0.name < $1.name }
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.name != $1.name }) else {
            throw .invalid(field: field, .duplicate)
        }
        return sorted
    }
}
