import Currencies

/// One row of a catalogue file: one variant, with what it says of its product.
///
/// | column | meaning |
/// |---|---|
/// | `sku` | required, unique in the file |
/// | `price`, `currency` | required: a decimal number such as 9.99, and an ISO 4217 code |
/// | `title` | required on the first row of a product; a later row may give its variant another |
/// | `handle` | rows of one handle are variants of one product, wherever they stand; empty: a product of its own |
/// | `description`, `brand`, `category` | of the product; a later row leaves them empty or repeats them |
/// | `image_urls` | of the product, separated by `\|`; those of all rows together |
/// | `attributes` | `colour=red\|size=M`; what all rows share belongs to the product, the rest to the variant |
/// | `quantity` | units of a SKU whose stock has never moved; empty: none |
/// | `active` | `true` or `false`, of the product; empty: true |
struct CatalogueRow: Sendable {
    static let requiredColumns = ["sku", "title", "price", "currency"]
    static let optionalColumns = [
        "handle", "description", "brand", "category", "image_urls", "attributes", "quantity", "active",
    ]

    static let columns = requiredColumns + optionalColumns

    /// Why a row cannot be a variant.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case fieldCount(Int, expected: Int)
        case noSKU
        case repeatedSKU(String, row: Int)
        case noTitle
        case price(MinorUnits.Fault)
        case negativePrice(String)
        case currency(String)
        case quantity(String)
        case active(String)
        case attributes(String)
        case contradicts(column: String, row: Int)

        var description: String {
            switch self {
            case .fieldCount(let count, let expected): "it has \(count) fields and the header \(expected)"
            case .noSKU: "there is no SKU"
            case .repeatedSKU(let sku, let row): "the SKU \(sku) stands on row \(row) already"
            case .noTitle: "there is no title"
            case .price(let fault): "the price \(fault)"
            case .negativePrice(let text): "the price \(text) is below zero"
            case .currency(let text): "\"\(text)\" is not an ISO 4217 code such as EUR"
            case .quantity(let text): "the quantity \"\(text)\" is not a whole number from 0 to \(Receipts.quantityMax)"
            case .active(let text): "active is true or false, not \"\(text)\""
            case .attributes(let text): "the attributes \"\(text)\" are not of the form name=value|name=value"
            case .contradicts(let column, let row): "the \(column) is another than on row \(row) of the same product"
            }
        }
    }

    let number: Int
    let handle: String
    let sku: String
    let title: String
    let description: String
    let brand: String
    let category: String
    let price: Money
    let imageURLs: [String]
    let attributes: [String: String]
    /// Nil when the row says nothing of it.
    let quantity: Int64?
    let active: Bool?

    init(_ row: CSVRow, columns: CSVColumns) throws(Fault) {
        guard row.fields.count == columns.count else { throw .fieldCount(row.fields.count, expected: columns.count) }
        number = row.number
        handle = Self.handle(of: row, columns: columns)
        sku = columns.value("sku", in: row)
        guard !sku.isEmpty else { throw .noSKU }
        title = columns.value("title", in: row)
        description = columns.value("description", in: row)
        brand = columns.value("brand", in: row)
        category = columns.value("category", in: row)
        price = try Self.price(columns.value("price", in: row), columns.value("currency", in: row))
        imageURLs = columns.value("image_urls", in: row).split(separator: "|").map { String($0).trimmed }
        attributes = try Self.attributes(columns.value("attributes", in: row))

        let quantityText = columns.value("quantity", in: row)
        quantity = Int64(quantityText)
        guard quantityText.isEmpty || quantity.map((0...Receipts.quantityMax).contains) == true else {
            throw .quantity(quantityText)
        }

        let activeText = columns.value("active", in: row)
        switch activeText.lowercased() {
        case "": active = nil
        case "true": active = true
        case "false": active = false
        default: throw .active(activeText)
        }
    }

    /// What names the product of the row; a row without a handle is a product of its own.
    static func handle(of row: CSVRow, columns: CSVColumns) -> String {
        let handle = columns.value("handle", in: row)
        // No handle of a file has a blank at its start.
        return handle.isEmpty ? " \(row.number)" : handle
    }

    private static func price(_ text: String, _ currency: String) throws(Fault) -> Money {
        guard let digits = MinorUnit.digits(of: currency) else { throw .currency(currency) }
        let amount: Int64
        do {
            amount = try MinorUnits.parse(text, exponent: digits)
        } catch {
            throw .price(error)
        }
        guard amount >= 0 else { throw .negativePrice(text) }
        return Money(amount: amount, currency: currency)
    }

    private static func attributes(_ text: String) throws(Fault) -> [String: String] {
        var attributes: [String: String] = [:]
        for pair in text.split(separator: "|") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard parts.count == 2, !parts[0].isEmpty, attributes.updateValue(parts[1], forKey: parts[0]) == nil
            else { throw .attributes(text) }
        }
        return attributes
    }
}
