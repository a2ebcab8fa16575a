import ArgumentParser
import Foundation
import Storage
import Workload

/// `cloudretail verify`: proves a data directory, offline.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Fold a stopped node's log and prove that nothing was oversold, lost or charged twice.",
        discussion: """
            Judges every record of every kind: stock, orders and their money, orders against the stock held for them, \
            idempotency keys, products and SKUs, accounts, sessions, carts and consumers. Exits with 1, and names the \
            record, when something does not hold.
            """)

    @Option(name: .customLong("data-dir"), help: "The data directory of a node that is not running.")
    var dataDirectory: String

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        let directory = try OfflineDirectory(path: dataDirectory)
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
        let problemCount: Int
        let orders: Int
        /// Open, or decided and not followed by the stock of all shards yet.
        let ordersUnsettled: Int
        let skus: Int
        let unitsOnHand: Int64
        let unitsReserved: Int64
        let charges: Int
        let valueMinor: Int64
        let valueMinorByCurrency: [String: Int64]
        let products: Int
        let accounts: Int
        let sessions: Int
        let carts: Int
        let idempotencyKeys: Int
        let records: Int
    }

    private var figures: Report {
        Report(
            ok: isSound, problems: problems, problemCount: problemCount, orders: audit.orderCount,
            ordersUnsettled: audit.unsettledOrders.count, skus: audit.skuCount, unitsOnHand: audit.unitsOnHand,
            unitsReserved: audit.unitsReserved, charges: audit.charges, valueMinor: audit.valueMinor,
            valueMinorByCurrency: audit.valueMinorByCurrency,
            products: audit.productCount, accounts: audit.accountCount, sessions: audit.sessionCount,
            carts: audit.cartCount, idempotencyKeys: audit.keyCount, records: audit.records)
    }

    fileprivate func jsonReport() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(figures), as: UTF8.self)
    }

    var report: String {
        let figures = figures
        var lines = [
            "records           \(figures.records)", "orders            \(figures.orders)",
            "orders unsettled  \(figures.ordersUnsettled)", "charges           \(figures.charges)",
            "SKUs              \(figures.skus)", "units on hand     \(figures.unitsOnHand)",
            "units reserved    \(figures.unitsReserved)", "products          \(figures.products)",
            "accounts          \(figures.accounts)", "sessions          \(figures.sessions)",
            "carts             \(figures.carts)", "idempotency keys  \(figures.idempotencyKeys)",
        ]
        lines += problems.map { "PROBLEM           \($0)" }
        if problemCount > problems.count {
            lines.append("… and \((problemCount - problems.count).counted("more problem"))")
        }
        lines.append(isSound ? "Everything holds." : "\(problemCount.counted("problem")).")
        return lines.joined(separator: "\n")
    }
}
