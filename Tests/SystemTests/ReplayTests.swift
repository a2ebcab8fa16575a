import Foundation
import Testing

extension SystemTests {
    @Suite("A replayed history", .timeLimit(patience)) struct ReplayTests {
        /// Enough that orders compete for stock; a debug build takes some seconds for it.
        private static let invoicesMax = 150

        @Test("sells everything that was there, and nothing else", arguments: [1, 4])
        func exact(shards: Int) async throws {
            try await replay(stock: "exact", shards: shards) { report, verified in
                #expect(report["orders_refused"] == .integer(0))
                let received = try #require(report["reconciliation"]["units_received"].integer)
                let sold = try #require(report["units"].integer)
                #expect(report["reconciliation"]["units_on_hand"] == .integer(received - sold))
                #expect(verified["units_on_hand"] == .integer(received - sold))
            }
        }

        @Test("refuses what is not there, and sold plus left is what was received", arguments: [1, 4])
        func short(shards: Int) async throws {
            // The first invoices ask for more than this share of all that are to be sold.
            try await replay(stock: "short:0.02", shards: shards) { report, verified in
                #expect(try #require(report["orders_refused"].integer) > 0)
                let received = try #require(report["reconciliation"]["units_received"].integer)
                let sold = try #require(report["units"].integer)
                #expect(verified["units_on_hand"] == .integer(received - sold))
            }
        }

        @Test("of invoices of 1,200 lines sells each to the unit and to the penny", arguments: [1, 4])
        func long(shards: Int) async throws {
            try await replay(History.long(in:), stock: "exact", shards: shards) { report, verified in
                #expect(report["orders_placed"] == .integer(Int64(History.longInvoices)))
                #expect(report["lines"] == .integer(Int64(History.longInvoices * History.longLines)))
                #expect(report["value_minor"] == .integer(History.longValue))
                #expect(report["reconciliation"]["orders_value_minor"] == .integer(History.longValue))
                #expect(verified["units_on_hand"] == .integer(0))
            }
        }

        private func replay(
            _ history: (URL) throws -> String = History.path(in:), stock: String, shards: Int,
            _ check: (_ report: JSON, _ verified: JSON) throws -> Void
        ) async throws {
            try await LocalShop.with(shards: shards, catalogue: LocalShop.emptyCatalogue) { shop in
                let said = try await ChildProcess.run(
                    "cloudretail",
                    [
                        "replay", try history(shop.folder), "--url", await shop.url, "--token-file",
                        shop.tokenFile,
                        "--stock", stock, "--limit", "\(Self.invoicesMax)", "--json",
                    ],
                    in: shop.folder)
                let report = try JSON(said)
                #expect(report["orders_failed"] == .integer(0), "\(said)")
                #expect(report["reconciliation"]["agrees"] == .boolean(true), "\(said)")
                let placed = try #require(report["orders_placed"].integer)
                #expect(placed > 0)
                #expect(report["orders_fulfilled"] == .integer(placed))
                let summary = try await shop.ledgerSummary()
                #expect(summary["orders_charged"] == .integer(placed))
                #expect(summary["orders_charged_more_than_once"] == .integer(0))
                try await shop.stopAtRest()

                let verified = try await shop.verify()
                #expect(verified["ok"] == .boolean(true))
                #expect(verified["charges"] == .integer(placed))
                #expect(verified["units_reserved"] == .integer(0))
                try check(report, verified)
            }
        }
    }
}
