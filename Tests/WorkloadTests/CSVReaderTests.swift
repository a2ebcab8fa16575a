import Foundation
import Testing

@testable import Workload

@Suite struct CSVReaderTests {
    /// Reads the bytes in pieces of every size, so that no state is lost between pieces; all must agree.
    func records(_ bytes: [UInt8]) throws -> [CSVRecord] {
        let whole = try records(bytes, pieceBytes: max(bytes.count, 1))
        for size in [1, 2, 3, 7] where bytes.count < 1_000 {
            #expect(try records(bytes, pieceBytes: size) == whole, "pieces of \(size) bytes")
        }
        return whole
    }

    func records(_ bytes: [UInt8], pieceBytes: Int) throws -> [CSVRecord] {
        var rest = bytes[...]
        var reader = CSVReader {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(pieceBytes) }
            return Array(rest.prefix(pieceBytes))
        }
        var records: [CSVRecord] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }

    func rows(_ text: String) throws -> [[String]] {
        try records(Array(text.utf8)).map { record in
            guard case .row(let row) = record else { throw CSVFault.textAfterQuote }
            return row.fields
        }
    }

    @Test func plainFields() throws {
        #expect(try rows("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
        #expect(try rows("a,b\r\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try rows("a,,\n,,") == [["a", "", ""], ["", "", ""]])
        #expect(try rows("a\rb\rc") == [["a"], ["b"], ["c"]])
    }

    @Test func quotedFieldsHoldCommasQuotesAndLineEnds() throws {
        #expect(
            try rows("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n\"\",x") == [
                ["a,b", "say \"hi\"", "two\r\nlines"], ["", "x"],
            ])
        #expect(try rows("\"\"\n") == [[""]])
        #expect(try rows("12\" PLATE,b") == [["12\" PLATE", "b"]])
    }

    @Test func theByteOrderMarkAndBlankLinesAreSkipped() throws {
        #expect(try rows("\u{FEFF}a,b\r\n\r\n1,2\r\n\r\n") == [["a", "b"], ["1", "2"]])
        #expect(try rows("") == [])
        #expect(try rows("\n\n") == [])
    }

    @Test func rowsAreNumberedAsASpreadsheetShowsThem() throws {
        let records = try records(Array("h\n\n\"a\nb\"\nc\n".utf8))
        #expect(
            records == [
                .row(CSVRow(number: 1, fields: ["h"])),
                .row(CSVRow(number: 3, fields: ["a\nb"])),
                .row(CSVRow(number: 4, fields: ["c"])),
            ])
    }

    @Test func aMalformedRowIsOneErrorAndTheNextRowIsRead() throws {
        #expect(
            try records(Array("\"a\"b,c\nnext".utf8)) == [
                .malformed(row: 1, .textAfterQuote), .row(CSVRow(number: 2, fields: ["next"])),
            ])
        #expect(
            try records(Array("ok,".utf8) + [0xff, 0xfe] + Array("\nnext".utf8)) == [
                .malformed(row: 1, .invalidUTF8(column: 2)), .row(CSVRow(number: 2, fields: ["next"])),
            ])
        #expect(try records(Array("a,\"never\nclosed".utf8)) == [.malformed(row: 1, .quoteNotClosed)])
    }

    @Test func everyRowIsBounded() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: CSVReader.fieldBytesMax)
        let next = Array("\nnext".utf8)
        let after = CSVRecord.row(CSVRow(number: 2, fields: ["next"]))
        #expect(try records(long + next).last == after)
        #expect(try records(long + [0x78] + next) == [.malformed(row: 1, .fieldTooLong), after])
        let fields = Array(repeatElement(long, count: 17).joined(separator: [UInt8(ascii: ",")]))
        #expect(try records(fields + next) == [.malformed(row: 1, .rowTooLong), after])
        let commas = [UInt8](repeating: UInt8(ascii: ","), count: CSVReader.fieldsMax)
        #expect(try records(commas + next) == [.malformed(row: 1, .tooManyFields), after])
    }
}

@Suite struct MinorUnitsTests {
    @Test func amountsAreExact() throws {
        #expect(try MinorUnits.parse("8.5") == 850)
        #expect(try MinorUnits.parse("8") == 800)
        #expect(try MinorUnits.parse("0.29") == 29)
        #expect(try MinorUnits.parse("-11062.06") == -1_106_206)
        #expect(try MinorUnits.parse("1.2300") == 123)
        #expect(try MinorUnits.parse("100", exponent: 0) == 100)
        #expect(try MinorUnits.parse("1.234", exponent: 3) == 1234)
        #expect(try MinorUnits.parse("92233720368547758.07") == Int64.max)
    }

    @Test(arguments: ["", "-", ".5", "5.", "1,5", "1e3", " 1", "+1", "1.2.3", "١"])
    func whatIsNotANumberIsRefused(text: String) {
        #expect(throws: MinorUnits.Fault.notANumber(text)) { try MinorUnits.parse(text) }
    }

    @Test func fractionsOfACoinAndOverflowAreRefused() {
        #expect(throws: MinorUnits.Fault.tooPrecise("0.001")) { try MinorUnits.parse("0.001") }
        #expect(throws: MinorUnits.Fault.outOfRange("92233720368547758.08")) {
            try MinorUnits.parse("92233720368547758.08")
        }
    }
}

@Suite struct InputFileTests {
    func temporary(_ name: String, _ bytes: [UInt8]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func contents(_ path: String) throws -> [UInt8] {
        let file = try InputFile(path: path)
        var bytes: [UInt8] = []
        while let piece = try file.read() { bytes += piece }
        return bytes
    }

    func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = try temporary("plain", bytes)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", path]
        try process.run()
        process.waitUntilExit()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
    }

    @Test func plainAndCompressedFilesReadAlike() throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try contents(temporary("a.csv", bytes)) == bytes)
        #expect(try contents(temporary("a.csv.gz", gzipped(bytes))) == bytes)
    }

    @Test func aDamagedArchiveIsAnErrorAndNeverAShorterFile() throws {
        let archive = try gzipped(Array(repeating: 7, count: 100_000))
        let truncated = try temporary("a.csv.gz", archive.dropLast(9))
        #expect(throws: InputFault.self) { _ = try contents(truncated) }
        let text = try temporary("b.csv.gz", Array("not gzip".utf8))
        #expect(throws: InputFault.notGzip(path: text, reason: "gzip: stdin: not in gzip format")) {
            _ = try contents(text)
        }
    }

    @Test func whatCannotBeReadIsNamed() throws {
        #expect(throws: InputFault.unreadable(path: "/nowhere.csv", reason: "there is no such file")) {
            try InputFile(path: "/nowhere.csv")
        }
        #expect(throws: InputFault.unreadable(path: "/tmp", reason: "it is a folder")) { try InputFile(path: "/tmp") }
    }
}
