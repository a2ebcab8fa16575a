/// A catalogue as a CSV file, read twice: once to see which rows belong together, once to hand out the products. One
/// with rows that cannot be read is read once more in between, to see which products they spoil.
///
/// Memory holds the handles and SKUs of the file, and the products whose rows have not all been seen.
struct CatalogueFile {
    /// What the first readings found.
    struct Survey {
        /// Rows behind the header.
        var rows = 0
        fileprivate(set) var rowsOfHandle: [String: Int] = [:]
        /// Products that a row which cannot be read may belong to, by handle, with that row.
        fileprivate var spoiled: [String: Int] = [:]

        var products: Int { rowsOfHandle.count }
    }

    let survey: Survey
    let columns: CSVColumns
    private var reader: CSVReader
    private var open: [String: CatalogueProduct] = [:]
    private var rowOfSKU: [String: Int] = [:]

    /// - Throws: ``InputFault`` when the file as a whole cannot be used.
    init(path: String) throws {
        survey = try Self.survey(path)
        (reader, columns) = try Self.begin(path)
    }

    private static func begin(_ path: String) throws -> (CSVReader, CSVColumns) {
        let file = try InputFile(path: path)
        var reader = CSVReader { try file.read() }
        let columns = try CSVColumns(
            header: try reader.header(path: path),
            required: CatalogueRow.requiredColumns, optional: CatalogueRow.optionalColumns)
        // A misspelt one would be left out of every row.
        guard columns.unknown.isEmpty else {
            throw InputFault.unknownColumns(columns.unknown, known: CatalogueRow.columns, hint: columns.hint)
        }
        return (reader, columns)
    }

    private static func survey(_ path: String) throws -> Survey {
        var (reader, columns) = try begin(path)
        var survey = Survey()
        var hasUnreadableRows = false
        while let record = try reader.next() {
            survey.rows += 1
            if let handle = handle(of: record, columns) {
                survey.rowsOfHandle[handle, default: 0] += 1
            } else {
                hasUnreadableRows = true
            }
        }
        if hasUnreadableRows, columns.has("handle") {
            var spoiled = SpoiledProducts(handles: survey.rowsOfHandle, fieldCount: columns.count)
            (reader, columns) = try begin(path)
            while let record = try reader.next() {
                if let handle = handle(of: record, columns) {
                    spoiled.pass(handle)
                } else {
                    spoiled.pass(unreadable: record, reader.recordBytes)
                }
            }
            survey.spoiled = spoiled.rowOfHandle
        }
        return survey
    }

    /// A row of too many or too few fields has no handle that could be trusted.
    private static func handle(of record: CSVRecord, _ columns: CSVColumns) -> String? {
        guard case .row(let row) = record, row.fields.count == columns.count else { return nil }
        return CatalogueRow.handle(of: row, columns: columns)
    }

    enum Item {
        /// A product with all its rows, good or bad.
        case product(CatalogueProduct)
        /// A row that belongs to none.
        case rejected(RowRejection)
    }

    /// The next product, in the order of their last rows; nil at the end of the file.
    mutating func next() throws -> Item? {
        while let record = try reader.next() {
            switch record {
            case .malformed(let row, let fault): return .rejected(RowRejection(row: row, reason: "\(fault)"))
            case .row(let row):
                guard let handle = Self.handle(of: record, columns) else {
                    let fault = CatalogueRow.Fault.fieldCount(row.fields.count, expected: columns.count)
                    return .rejected(RowRejection(row: row.number, reason: "\(fault)"))
                }
                if let product = take(row, handle) { return .product(product) }
            }
        }
        return nil
    }

    /// Adds the row to its product; the product when it was the last.
    private mutating func take(_ row: CSVRow, _ handle: String) -> CatalogueProduct? {
        var product = open.removeValue(forKey: handle) ?? CatalogueProduct()
        product.unreadableRow = survey.spoiled[handle]
        do {
            let parsed = try CatalogueRow(row, columns: columns)
            if let earlier = rowOfSKU[parsed.sku] { throw CatalogueRow.Fault.repeatedSKU(parsed.sku, row: earlier) }
            rowOfSKU[parsed.sku] = row.number
            product.add(parsed)
        } catch {
            product.reject(row.number, "\(error)")
        }
        if product.rowCount == survey.rowsOfHandle[handle] { return product }
        open[handle] = product
        return nil
    }
}
