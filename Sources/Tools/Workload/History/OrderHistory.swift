import Crypto

/// A shop's past orders, read from a CSV file like the UCI *Online Retail* data set (doi 10.24432/C5BW33).
///
/// Sales invoices in the file's order, one order each. A row that cannot be an order line is rejected with its reason
/// and never repaired; the rest of its invoice stands. SKUs and invoice numbers are taken as written, less blanks
/// around them: a shop may tell SKUs apart by case.
public struct OrderHistory: Sendable {
    public internal(set) var sales: [Invoice] = []
    /// Invoices whose number begins with C. They are counted and not replayed.
    public internal(set) var cancellations = 0
    public internal(set) var cancellationRows = 0
    /// In minor units, below zero.
    public internal(set) var cancellationValue: Int64 = 0
    public internal(set) var rejections: [RowRejection] = []
    /// Every SKU of the file, cancelled ones included, in the order of their first row.
    public internal(set) var products: [HistoryProduct] = []
    /// Rows behind the header.
    public internal(set) var rows = 0
    public internal(set) var customers = 0
    /// Names the content of the file: what idempotency keys derive from.
    public internal(set) var digest = ""

    public var lines: Int { sales.reduce(0) { $0 + $1.lines.count } }
    public var units: Int64 { sales.reduce(0) { $0 + $1.units } }
    /// What the sales are worth in minor units.
    public var value: Int64 { sales.reduce(0) { $0 + $1.value } }

    /// The units sold of each SKU.
    public var unitsSold: [String: Int64] {
        sales.lazy.flatMap(\.lines).reduce(into: [:]) { $0[$1.sku, default: 0] += $1.quantity }
    }

    /// Reads a `.csv` or `.csv.gz` file.
    ///
    /// - Throws: ``InputFault`` when the file as a whole cannot be used.
    public static func read(path: String) throws -> OrderHistory {
        let file = try InputFile(path: path)
        return try read { try file.read() }
    }

    /// Reads a history from pieces of a CSV file; nil ends it.
    static func read(path: String = "the file", pieces: @escaping () throws -> [UInt8]?) throws -> OrderHistory {
        let content = ContentDigest()
        var reader = CSVReader {
            let piece = try pieces()
            if let piece { content.update(piece) }
            return piece
        }
        let columns = try CSVColumns(
            header: try reader.header(path: path),
            required: HistoryRow.requiredColumns, optional: HistoryRow.optionalColumns)

        var builder = OrderHistoryBuilder()
        while let record = try reader.next() {
            builder.take(record, columns: columns)
        }
        return builder.history(digest: content.text)
    }
}

extension CSVReader {
    /// The names in the first record.
    mutating func header(path: String) throws -> [String] {
        switch try next() {
        case .row(let row): return row.fields
        case .malformed(_, let fault): throw InputFault.malformedHeader(fault)
        case nil: throw InputFault.empty(path: path)
        }
    }
}

/// A running SHA-256 over what a reader consumed.
final class ContentDigest {
    private var hash = SHA256()

    func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { hash.update(bufferPointer: $0) } }

    /// The first 16 bytes in hexadecimal: enough to tell files apart, short enough for a key.
    var text: String { hash.finalize().prefix(16).hexadecimal }
}

extension Sequence where Element == UInt8 {
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
