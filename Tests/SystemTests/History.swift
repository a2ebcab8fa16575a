import Foundation

/// An order history to replay: real orders when they lie beside the project, made up ones otherwise.
enum History {
    private static let real = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/data/online-retail-international.csv.gz")

    /// As many invoices as a debug build replays in some seconds.
    private static let invoices = 400

    static func path(in folder: URL) throws -> String {
        if FileManager.default.fileExists(atPath: real.path) { return real.path }
        let file = folder.appending(path: "history.csv")
        try Data(madeUp().utf8).write(to: file)
        return file.path
    }

    static let longInvoices = 8
    /// More than the longest of the real invoices has.
    static let longLines = 1_200

    /// A history of invoices with as many lines as a wholesaler's, of which some name one SKU twice.
    static func long(in folder: URL) throws -> String {
        var lines = [header]
        for invoice in 0..<longInvoices {
            for line in 0..<longLines {
                let (sku, units, price) = longLine(line, of: invoice)
                lines.append(
                    "\(540_000 + invoice),\(sku),GOODS \(sku),\(units),2011-01-0\(1 + invoice) 10:00:00,"
                        + "\(price / 100).\(price % 100),\(12_000 + invoice),France")
            }
        }
        let file = folder.appending(path: "long-history.csv")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        return file.path
    }

    /// What these invoices come to, in pennies.
    static var longValue: Int64 {
        (0..<longInvoices).reduce(into: 0) { value, invoice in
            for line in 0..<longLines {
                let (_, units, price) = longLine(line, of: invoice)
                value += Int64(units * price)
            }
        }
    }

    private static func longLine(_ line: Int, of invoice: Int) -> (sku: Int, units: Int, price: Int) {
        let sku = 20_000 + (invoice * 7 + line) % (longLines - 50)
        return (sku, 1 + line % 12, 100 * (1 + sku % 9) + 10 + sku % 89)
    }

    private static let header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

    /// Always the same invoices: each SKU is in many of them, so that orders compete for the last units.
    private static func madeUp() -> String {
        var lines = [header]
        for invoice in 0..<invoices {
            for line in 0...(invoice % 5) {
                let sku = 20_000 + (invoice * 7 + line * 13) % 97
                let quantity = 1 + (invoice + line) % 12
                lines.append(
                    "\(540_000 + invoice),\(sku),GOODS \(sku),\(quantity),2011-01-0\(1 + invoice % 9) 10:00:00,"
                        + "\(1 + sku % 9).\(10 + sku % 89),\(12_000 + invoice % 150),France")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
