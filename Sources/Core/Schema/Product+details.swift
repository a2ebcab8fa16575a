import Commerce
import EventSourcing
import Wire

extension RecordWriter {
    package mutating func write(_ details: Product.Details) {
        write(details.title)
        write(details.description)
        write(details.brand)
        write(details.category)
        write(details.attributes)
        writeArray(details.imageURLs) { $0.write($1) }
        write(details.isActive)
        writeArray(details.variants) { writer, variant in
            writer.write(variant.sku)
            writer.writeOptional(variant.title)
            writer.write(variant.attributes)
            writer.write(variant.price)
        }
    }

    private mutating func write(_ attributes: [ProductAttribute]) {
        writeArray(attributes) { writer, attribute in
            writer.write(attribute.name)
            writer.write(attribute.value)
        }
    }
}

/// How much a text or a list may hold. What was recorded stays readable when a limit of the rules shrinks; of what
/// travels, more than the rules take is refused before anything is allocated.
private struct Bounds {
    let isBounded: Bool

    /// Four bytes a character; the rules count the characters.
    func bytes(_ lengthMax: Int) -> Int { isBounded ? 4 * lengthMax : .max }
    func count(_ countMax: Int) -> Int { isBounded ? countMax : .max }
}

extension FieldReader {
    /// - Parameter isBounded: for what travels.
    package mutating func details(isBounded: Bool = false) throws(MalformedBytes) -> Product.Details {
        let bounds = Bounds(isBounded: isBounded)
        return Product.Details(
            title: try string(bytesMax: bounds.bytes(Product.Details.titleLengthMax)),
            description: try string(bytesMax: bounds.bytes(Product.Details.descriptionLengthMax)),
            brand: try string(bytesMax: bounds.bytes(Product.Details.brandLengthMax)),
            category: try string(bytesMax: bounds.bytes(Product.Details.categoryLengthMax)),
            attributes: try attributes(bounds),
            imageURLs: try array(bytesMin: 1, countMax: bounds.count(Product.Details.imageURLsMax)) {
                f throws(MalformedBytes) in
                try f.string(bytesMax: bounds.bytes(Product.Details.imageURLLengthMax))
            },
            isActive: try bool(),
            variants: try array(bytesMin: 8, countMax: bounds.count(Product.Details.variantsMax)) {
                f throws(MalformedBytes) in
                Variant(
                    sku: try f.sku(),
                    title: try f.optionalString(bytesMax: bounds.bytes(Product.Details.titleLengthMax)),
                    attributes: try f.attributes(bounds), price: try f.money())
            })
    }

    private mutating func attributes(_ bounds: Bounds) throws(MalformedBytes) -> [ProductAttribute] {
        try array(bytesMin: 2, countMax: bounds.count(Product.Details.attributesMax)) { f throws(MalformedBytes) in
            ProductAttribute(
                name: try f.string(bytesMax: bounds.bytes(Product.Details.attributeNameLengthMax)),
                value: try f.string(bytesMax: bounds.bytes(Product.Details.attributeValueLengthMax)))
        }
    }
}
