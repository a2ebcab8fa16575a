import Foundation

/// What an import did. The JSON form carries these names in snake_case.
public struct ImportReport: Codable, Equatable, Sendable {
    /// Rows behind the header.
    public var rows = 0
    public var productsCreated = 0
    /// Products that were there and are as they were.
    public var productsExisting = 0
    /// Products that were there and are now as the file says.
    public var productsUpdated = 0
    /// Units of SKUs whose stock had never moved.
    public var unitsReceived: Int64 = 0
    /// SKUs whose stock was set to what the file says.
    public var stocksAdjusted = 0
    /// Rows that are not in the catalogue now, or whose stock is not; each has been printed with its reason.
    public var rowsRejected = 0
    public var durationSeconds = 0.0

    /// One JSON object.
    public func json() throws -> String { String(decoding: try JSON.encoder.encode(self), as: UTF8.self) }

    /// A table for people.
    public var text: String {
        let rows: [(String, String)] = [
            ("rows", "\(rows)"),
            ("products created", "\(productsCreated)"),
            ("  there already", "\(productsExisting)"),
            ("  updated", "\(productsUpdated)"),
            ("units received", "\(unitsReceived)"),
            ("stocks adjusted", "\(stocksAdjusted)"),
            ("rows rejected", "\(rowsRejected)"),
            ("duration", "\(decimal(durationSeconds, digits: 2)) s"),
        ]
        return rows.map { $0.0.padding(toLength: 26, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
    }
}
