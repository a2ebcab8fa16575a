import Foundation

/// What an import did. The JSON form carries these names in snake_case.
public struct ImportReport: Codable, Equatable, Sendable {
    /// Rows behind the header.
    public var rows = 0
    public var productsCreated = 0
    /// Products of which the gateway had a SKU already; they were left as they are.
    public var productsExisting = 0
    /// Products that an earlier run of this import had done.
    public var productsSkipped = 0
    public var unitsReceived: Int64 = 0
    /// Rows that are not in the catalogue now; each has been printed with its reason.
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
            ("  done by an earlier run", "\(productsSkipped)"),
            ("units received", "\(unitsReceived)"),
            ("rows rejected", "\(rowsRejected)"),
            ("duration", "\(decimal(durationSeconds, digits: 2)) s"),
        ]
        return rows.map { $0.0.padding(toLength: 26, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
    }
}
