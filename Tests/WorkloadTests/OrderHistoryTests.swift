import Foundation
import Testing

@testable import Workload

@Suite struct OrderHistoryTests {
    static let header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"

    func history(_ rows: String...) throws -> OrderHistory {
        var pieces = [Array((Self.header + rows.joined(separator: "\r\n")).utf8)]
        return try OrderHistory.read { pieces.popLast() }
    }

    @Test func salesBecomeInvoicesAndCancellationsAreCounted() throws {
        let history = try history(
            "536389,22941,CHRISTMAS LIGHTS,6,01-12-2010 10:03,8.5,12431,Australia",
            "536389, 21622 ,CUSHION,8,01-12-2010 10:03,4.95,12431,Australia",
            "C536390,22941,CHRISTMAS LIGHTS,-1,01-12-2010 10:04,8.50,12431,Australia",
            "536391,22941,LIGHTS,1,01-12-2010 10:05,8,,France",
            "536391,22941,LIGHTS,2,01-12-2010 10:05,7,,France")
        #expect(history.sales.map(\.number) == ["536389", "536391"])
        #expect(history.sales.map(\.value) == [51_00 + 39_60, 22_00])
        #expect(history.sales[0].lines[1] == Invoice.Line(sku: "21622", quantity: 8, unitPrice: 4_95))
        #expect(history.sales.map(\.customerReference) == ["12431", "guest-536391"])
        #expect((history.cancellations, history.cancellationRows, history.cancellationValue) == (1, 1, -8_50))
        #expect(history.unitsSold == ["22941": 9, "21622": 8])
        #expect(history.rejections.isEmpty)
    }

    @Test func theMostFrequentTitleAndPriceWinThenTheFirst() throws {
        let history = try history(
            "1,A,first,1,,1,,", "1,A,second,1,,2,,", "2,A,second,1,,3,,", "2,B,tie,1,,0,,", "2,B,other,1,,5,,",
            "C3,Z,,-1,,1,,")
        #expect(
            history.products == [
                HistoryProduct(sku: "A", title: "second", price: 1_00),
                HistoryProduct(sku: "B", title: "tie", price: 5_00),
                HistoryProduct(sku: "Z", title: "Z", price: 1_00),
            ])
    }

    @Test(arguments: [
        ("1,A,t,0,,1,,", "a sale of 0 units is none"),
        ("1,A,t,-2,,1,,", "a sale of -2 units is none"),
        ("1,A,t,1.5,,1,,", "the quantity \"1.5\" is not a whole number"),
        ("1,A,t,,,1,,", "the quantity \"\" is not a whole number"),
        ("1,A,t,1,,-0.01,,", "the price -0.01 is below zero"),
        ("1,A,t,1,,0.001,,", "the price \"0.001\" has a fraction of the smallest coin"),
        ("1,A,t,1,,,,", "the price \"\" is not a decimal number"),
        ("1,A,t,1,,1e3,,", "the price \"1e3\" is not a decimal number"),
        ("A1,A,t,1,,1,,", "the invoice number \"A1\" is neither a number nor C and a number"),
        ("C,A,t,-1,,1,,", "the invoice number \"C\" is neither a number nor C and a number"),
        (",A,t,1,,1,,", "the invoice number \"\" is neither a number nor C and a number"),
        ("1,,t,1,,1,,", "there is no stock code"),
        ("1,A,t,1,,1", "it has 6 fields and the header 8"),
        ("1,A,t,9223372036854775807,,1,,", "the value of the invoice is out of range"),
        ("1,A,t,1,,99999999999999999999,,", "the price \"99999999999999999999\" is out of range"),
    ])
    func aRowThatCannotBeAnOrderLineIsRejectedWithItsReason(row: String, reason: String) throws {
        let history = try history("1,OK,good,1,,1,,", row, "2,OK,good,1,,1,,")
        #expect(history.rejections == [RowRejection(row: 3, reason: reason)])
        #expect(history.sales.map(\.number) == ["1", "2"])
        #expect((history.lines, history.value, history.rows) == (2, 2_00, 3))
    }

    @Test func anInvoiceOfTwoCustomersKeepsTheFirst() throws {
        let history = try history("1,A,t,1,,1,7,", "1,A,t,1,,1,8,")
        #expect(history.rejections.map(\.reason) == ["invoice 1 already belongs to another customer"])
        #expect(history.sales.map(\.units) == [1])
    }

    @Test func aMissingColumnAndAnEmptyFileAreErrorsOfTheFile() {
        #expect(throws: InputFault.missingColumns(["Quantity"], hint: nil)) {
            var pieces = [Array("InvoiceNo,StockCode,UnitPrice\n".utf8)]
            _ = try OrderHistory.read { pieces.popLast() }
        }
        #expect(throws: InputFault.empty(path: "the file")) { _ = try OrderHistory.read { nil } }
    }

    static let realFile = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("../shared/data/online-retail-international.csv.gz").path

    @Test(.enabled(if: FileManager.default.fileExists(atPath: realFile)))
    func theRealHistoryAddsUpToItsPublishedFigures() throws {
        let history = try OrderHistory.read(path: Self.realFile)
        #expect(history.rows == 46_431)
        #expect(history.sales.count == 1_942)
        #expect(history.value == 164_146_246)
        #expect(
            (history.cancellations, history.cancellationRows, history.cancellationValue) == (464, 1_432, -8_152_089))
        #expect(history.products.count == 2_807)
        #expect(history.customers == 422)
        #expect((history.lines, history.units) == (44_999, 927_162))
        #expect(history.sales.map(\.lines.count).max() == 259)
        #expect(history.rejections.isEmpty)
    }
}
