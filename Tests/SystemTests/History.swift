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

    /// Always the same invoices: each SKU is in many of them, so that orders compete for the last units.
    private static func madeUp() -> String {
        var lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
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
