import ArgumentParser
import Foundation
import Storage

/// `cloudretail verify`: proves a data directory, offline.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Fold a stopped node's log and prove that nothing was oversold, lost or charged twice.",
        discussion: "Exits with 1, and names the record, when something does not hold.")

    @Option(name: .customLong("data-dir"), help: "The data directory of a node that is not running.")
    var dataDirectory: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let directory = try DataDirectory(path: dataDirectory, creating: false)
        defer { directory.close() }
        let verification = try Verification(directory)
        print(json ? try verification.jsonReport() : verification.report)
        guard verification.isSound else { throw ExitCode(1) }
    }
}

extension Verification {
    private struct Report: Encodable {
        let ok: Bool
        let problems: [String]
        let orders: Int
        let skus: Int
        let unitsOnHand: Int64
        let unitsReserved: Int64
        let charges: Int
        let records: Int
    }

    fileprivate func jsonReport() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let report = Report(
            ok: isSound, problems: problems, orders: orderCount, skus: skuCount, unitsOnHand: unitsOnHand,
            unitsReserved: unitsReserved, charges: charges, records: records)
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    fileprivate var report: String {
        var lines = [
            "records         \(records)", "orders          \(orderCount)", "charges         \(charges)",
            "SKUs            \(skuCount)", "units on hand   \(unitsOnHand)", "units reserved  \(unitsReserved)",
        ]
        lines += problems.map { "PROBLEM         \($0)" }
        if problemCount > problems.count { lines.append("… and \(problemCount - problems.count) more problems") }
        lines.append(isSound ? "Everything holds." : "\(problemCount) problems.")
        return lines.joined(separator: "\n")
    }
}
