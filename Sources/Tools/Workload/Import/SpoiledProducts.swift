/// Which products a row that cannot be read may belong to.
///
/// A product is imported whole or not at all, so one that may lack a row is left out. A stray or a missing comma moves
/// the handle to another field, or runs it together with a neighbour of it; an open quotation mark swallows whole rows.
/// So a row spoils the products whose handles stand anywhere in it; where it has none, the product of the
/// rows around it when these are of one product, or when it has too few fields and their handle begins or ends one.
struct SpoiledProducts {
    private let handles: [String: Int]
    /// How many fields every row should have.
    private let fieldCount: Int
    /// The row that spoils each product.
    private(set) var rowOfHandle: [String: Int] = [:]
    /// The handle of the row before, and the unreadable rows since that name no product.
    private var previous: String?
    private var nameless: [(row: Int, joined: Set<String>)] = []

    /// - Parameter handles: those of the rows that can be read.
    init(handles: [String: Int], fieldCount: Int) {
        self.handles = handles
        self.fieldCount = fieldCount
    }

    /// The next row can be read and has this handle.
    mutating func pass(_ handle: String) {
        for (row, joined) in nameless {
            if handle == previous || Self.stands(handle, in: joined) { spoil(handle, row) }
        }
        nameless = []
        previous = handle
    }

    /// The next row cannot be read.
    mutating func pass(unreadable record: CSVRecord, _ bytes: [UInt8]) {
        let row: Int
        var fields: Set<String>
        var isShort = false
        switch record {
        case .row(let read):
            row = read.number
            fields = Set(read.fields.map(\.trimmed))
            isShort = read.fields.count < fieldCount
        case .malformed(let number, _):
            row = number
            let ends = [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            fields = Set(bytes.split { ends.contains($0) }.map { String(decoding: $0, as: UTF8.self).trimmed })
        }
        fields.remove("")
        let named = fields.filter { handles[$0] != nil }
        for handle in named { spoil(handle, row) }
        guard named.isEmpty else { return }
        let joined = isShort ? fields : []
        if let previous, Self.stands(previous, in: joined) { spoil(previous, row) }
        nameless.append((row, joined))
    }

    /// Whether the handle begins or ends one of the fields.
    private static func stands(_ handle: String, in fields: Set<String>) -> Bool {
        // A row without a handle is a product of its own, and has all its rows.
        guard !handle.hasPrefix(" ") else { return false }
        return fields.contains { $0.hasPrefix(handle) || $0.hasSuffix(handle) }
    }

    private mutating func spoil(_ handle: String, _ row: Int) {
        if rowOfHandle[handle] == nil { rowOfHandle[handle] = row }
    }
}
