/// One sales invoice of an order history: what becomes one order.
public struct Invoice: Equatable, Sendable {
    /// A line as the file has it. One SKU may stand on several lines, at several prices.
    public struct Line: Equatable, Sendable {
        public let sku: String
        /// Above zero.
        public let quantity: Int64
        /// In minor units, zero or more.
        public let unitPrice: Int64
    }

    public let number: String
    /// The customer of the file, nil when the invoice names none.
    public let customer: String?
    public internal(set) var lines: [Line]
    /// The sum of the lines in minor units; the reader rejects a row that would overflow it.
    public internal(set) var value: Int64
    /// The sum of the quantities.
    public internal(set) var units: Int64

    /// What stands for the customer at the gateway: each unknown buyer is a guest of their own.
    public var customerReference: String { customer ?? "guest-\(number)" }
}

/// A row that cannot be an order line, and why. Rows are counted as a spreadsheet shows them: the header is row 1.
public struct RowRejection: Equatable, Sendable, CustomStringConvertible {
    public let row: Int
    public let reason: String

    public var description: String { "row \(row): \(reason)" }
}

/// What a history tells of one SKU. Titles and prices vary between rows: the most frequent wins, then the first.
public struct HistoryProduct: Equatable, Sendable {
    public let sku: String
    public let title: String
    /// In minor units.
    public let price: Int64
}
