/// A record of a CSV file, or why there is none.
public enum CSVRecord: Equatable, Sendable {
    case row(CSVRow)
    case malformed(row: Int, CSVFault)
}

/// The fields of one record. Rows are counted as a spreadsheet shows them: the header is row 1.
public struct CSVRow: Equatable, Sendable {
    public let number: Int
    public let fields: [String]
}

/// Why a record cannot be read. The record is lost, the ones after it are not.
public enum CSVFault: Error, Equatable, CustomStringConvertible {
    case invalidUTF8(column: Int)
    case textAfterQuote
    case quoteNotClosed
    case fieldTooLong
    case rowTooLong
    case tooManyFields

    public var description: String {
        switch self {
        case .invalidUTF8(let column): "column \(column) is not valid UTF-8"
        case .textAfterQuote: "text follows a closing quote"
        case .quoteNotClosed: "a quote is never closed"
        case .fieldTooLong: "a field is longer than \(CSVReader.fieldBytesMax) bytes"
        case .rowTooLong: "the row is longer than \(CSVReader.rowBytesMax) bytes"
        case .tooManyFields: "the row has more than \(CSVReader.fieldsMax) fields"
        }
    }
}

/// Reads CSV record by record in bounded memory. https://www.rfc-editor.org/rfc/rfc4180
///
/// Fields may be quoted and hold commas, doubled quotes and line ends; lines end in CRLF, LF or CR; a byte-order mark
/// and blank lines are skipped. A quote within an unquoted field has only one possible meaning and stands for itself.
public struct CSVReader {
    /// Longer than any product description; a quote that is never closed must not eat the memory.
    public static let fieldBytesMax = 64 * 1024
    public static let rowBytesMax = 1024 * 1024
    /// Wider than any spreadsheet export of a shop.
    public static let fieldsMax = 1024

    private enum Phase { case fieldStart, unquoted, quoted, quoteInQuoted }

    private let read: () throws -> [UInt8]?
    private var chunk: [UInt8] = []
    private var position = 0
    private var atEnd = false
    private var atStart = true
    private var skipLineFeed = false
    private var rowNumber = 0

    /// The record last read as the file has it, for one that cannot be read; of a longer one the beginning.
    public private(set) var recordBytes: [UInt8] = []
    /// A quotation mark that is never closed swallows what follows: as much as a large catalogue.
    private static let recordBytesMax = 64 * 1024 * 1024

    private var phase = Phase.fieldStart
    private var bytes: [UInt8] = []
    private var fieldEnds: [Int] = []
    private var fault: CSVFault?

    /// - Parameter read: hands out the file piece by piece, nil at its end.
    public init(read: @escaping () throws -> [UInt8]?) {
        self.read = read
    }

    /// The next record, nil at the end of the file.
    public mutating func next() throws -> CSVRecord? {
        beginRecord()
        while let byte = try nextByte() {
            if skipLineFeed {
                skipLineFeed = false
                if byte == .lineFeed { continue }
            }
            if recordBytes.count < Self.recordBytesMax { recordBytes.append(byte) }
            guard endsRecord(byte) else { continue }
            if let record = endRecord() { return record }
            beginRecord()
        }
        if phase == .quoted { fault = fault ?? .quoteNotClosed }
        return endRecord()
    }

    private mutating func nextByte() throws -> UInt8? {
        while position == chunk.count {
            guard !atEnd, let next = try read() else {
                atEnd = true
                return nil
            }
            chunk = next
            position = 0
            if atStart, !chunk.isEmpty { try skipByteOrderMark() }
        }
        defer { position += 1 }
        return chunk[position]
    }

    private mutating func skipByteOrderMark() throws {
        atStart = false
        while chunk.count < 3, chunk.elementsEqual([UInt8]([0xef, 0xbb, 0xbf]).prefix(chunk.count)),
            let more = try read()
        {
            chunk += more
        }
        if chunk.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// Takes one byte into the record; true when it was the line end that closes it.
    private mutating func endsRecord(_ byte: UInt8) -> Bool {
        switch (phase, byte) {
        case (.quoted, .quote): phase = .quoteInQuoted
        case (.quoted, _): append(byte)
        case (.fieldStart, .quote): phase = .quoted
        case (.quoteInQuoted, .quote):
            append(byte)
            phase = .quoted
        case (_, .comma): endField()
        case (_, .lineFeed): return true
        case (_, .carriageReturn):
            skipLineFeed = true
            return true
        case (.quoteInQuoted, _): fault = fault ?? .textAfterQuote
        case (.fieldStart, _), (.unquoted, _):
            append(byte)
            phase = .unquoted
        }
        return false
    }

    private mutating func append(_ byte: UInt8) {
        guard fault == nil else { return }
        bytes.append(byte)
        if bytes.count > Self.rowBytesMax { fault = .rowTooLong }
        if bytes.count - (fieldEnds.last ?? 0) > Self.fieldBytesMax { fault = .fieldTooLong }
    }

    private mutating func endField() {
        phase = .fieldStart
        guard fault == nil else { return }
        fieldEnds.append(bytes.count)
        if fieldEnds.count > Self.fieldsMax { fault = .tooManyFields }
    }

    private mutating func beginRecord() {
        phase = .fieldStart
        recordBytes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        fieldEnds.removeAll(keepingCapacity: true)
        fault = nil
    }

    /// The record that the bytes so far make; nil for a blank line, which is none.
    private mutating func endRecord() -> CSVRecord? {
        let isBlank = phase == .fieldStart && bytes.isEmpty && fieldEnds.isEmpty && fault == nil
        if isBlank {
            if !atEnd { rowNumber += 1 }
            return nil
        }
        rowNumber += 1
        endField()
        if let fault { return .malformed(row: rowNumber, fault) }
        var fields: [String] = []
        fields.reserveCapacity(fieldEnds.count)
        var start = 0
        for end in fieldEnds {
            guard let field = String(validating: bytes[start..<end], as: UTF8.self) else {
                return .malformed(row: rowNumber, .invalidUTF8(column: fields.count + 1))
            }
            fields.append(field)
            start = end
        }
        return .row(CSVRow(number: rowNumber, fields: fields))
    }
}

extension UInt8 {
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let lineFeed = UInt8(ascii: "\n")
    fileprivate static let carriageReturn = UInt8(ascii: "\r")
}
