/// Where the columns that we read stand in a file, found by name in its header, in any order and case.
public struct CSVColumns: Sendable {
    private let positions: [String: Int]
    /// How many fields every row must have.
    public let count: Int
    /// Columns of the header that are not read, in its order.
    public let unknown: [String]
    /// What those may stand for, for people; nil when they are like no column.
    public let hint: String?

    /// - Throws: ``InputFault/missingColumns(_:hint:)`` or ``InputFault/repeatedColumn(_:)``.
    public init(header: [String], required: [String], optional: [String]) throws(InputFault) {
        var positions: [String: Int] = [:]
        var unknown: [String] = []
        let known = Set((required + optional).map { $0.lowercased() })
        for (position, name) in header.enumerated() {
            let name = name.trimmed.lowercased()
            guard !name.isEmpty else { continue }
            guard positions.updateValue(position, forKey: name) == nil else { throw .repeatedColumn(name) }
            if !known.contains(name) { unknown.append(header[position].trimmed) }
        }
        let missing = required.filter { positions[$0.lowercased()] == nil }
        let absent = missing + optional.filter { positions[$0.lowercased()] == nil }
        hint = HeaderHint(header: header, unknown: unknown, missing: absent)?.description
        guard missing.isEmpty else { throw .missingColumns(missing, hint: hint) }
        self.positions = positions.filter { known.contains($0.key) }
        self.unknown = unknown
        count = header.count
    }

    /// Whether the file has the column.
    public func has(_ name: String) -> Bool { positions[name.lowercased()] != nil }

    /// The value of the column in a row of ``count`` fields, without surrounding blanks; empty when the file has no
    /// such column.
    public func value(_ name: String, in row: CSVRow) -> String {
        positions[name.lowercased()].map { row.fields[$0].trimmed } ?? ""
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
