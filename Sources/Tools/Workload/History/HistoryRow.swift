/// A row of an order history with its columns understood.
struct HistoryRow {
    enum Kind { case sale, cancellation }

    static let requiredColumns = ["InvoiceNo", "StockCode", "Quantity", "UnitPrice"]
    static let optionalColumns = ["Description", "CustomerID"]

    let kind: Kind
    let invoice: String
    let line: Invoice.Line
    /// Price times quantity in minor units.
    let value: Int64
    let title: String
    let customer: String?

    /// Why a row cannot be an order line.
    enum Fault: Error, CustomStringConvertible {
        case fieldCount(Int, expected: Int)
        case invoiceNumber(String)
        case noStockCode
        case quantity(String)
        case noQuantity(Int64)
        case price(MinorUnits.Fault)
        case negativePrice(String)
        case outOfRange
        case anotherCustomer(invoice: String)

        var description: String {
            switch self {
            case .fieldCount(let count, let expected): "it has \(count) fields and the header \(expected)"
            case .invoiceNumber(let text): "the invoice number \"\(text)\" is neither a number nor C and a number"
            case .noStockCode: "there is no stock code"
            case .quantity(let text): "the quantity \"\(text)\" is not a whole number"
            case .noQuantity(let quantity): "a sale of \(quantity) units is none"
            case .price(let fault): "the price \(fault)"
            case .negativePrice(let text): "the price \(text) is below zero"
            case .outOfRange: "the value of the invoice is out of range"
            case .anotherCustomer(let invoice): "invoice \(invoice) already belongs to another customer"
            }
        }
    }

    init(_ row: CSVRow, columns: CSVColumns) throws(Fault) {
        guard row.fields.count == columns.count else { throw .fieldCount(row.fields.count, expected: columns.count) }
        invoice = columns.value("InvoiceNo", in: row)
        kind = try Self.kind(ofInvoice: invoice)

        let sku = columns.value("StockCode", in: row)
        guard !sku.isEmpty else { throw .noStockCode }

        let quantityText = columns.value("Quantity", in: row)
        guard let quantity = Int64(quantityText) else { throw .quantity(quantityText) }
        guard quantity > 0 || kind == .cancellation else { throw .noQuantity(quantity) }

        let priceText = columns.value("UnitPrice", in: row)
        let price: Int64
        do { price = try MinorUnits.parse(priceText) } catch { throw .price(error) }
        guard price >= 0 else { throw .negativePrice(priceText) }

        let (value, overflows) = price.multipliedReportingOverflow(by: quantity)
        guard !overflows else { throw .outOfRange }

        line = Invoice.Line(sku: sku, quantity: quantity, unitPrice: price)
        self.value = value
        title = columns.value("Description", in: row)
        let customer = columns.value("CustomerID", in: row)
        self.customer = customer.isEmpty ? nil : customer
    }

    /// A number is a sale, C and a number a cancellation.
    private static func kind(ofInvoice text: String) throws(Fault) -> Kind {
        let isCancellation = text.first == "C" || text.first == "c"
        let number = isCancellation ? text.utf8.dropFirst() : text.utf8[...]
        let isNumber = number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, !number.isEmpty else { throw .invoiceNumber(text) }
        return isCancellation ? .cancellation : .sale
    }
}
