import Foundation
import Testing

@testable import Workload

@Suite struct ReplayTests {
    let stub = StubGateway()

    static let rows = """
        InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
        1,A,Alpha,6,,8.5,12431,
        1,B,Beta,1,,1.00,12431,
        1,A,Alpha,1,,8.0,12431,
        C2,A,Alpha,-1,,8.5,12431,
        3,A,Alpha,3,,9,,
        4,B,Beta,0,,1,,
        5,B,Beta,9,,0,12500,
        C6,Z/1,Zeta,-1,,5,12500,
        """
    static let value: Int64 = 6 * 850 + 100 + 800 + 3 * 900

    func history() throws -> OrderHistory {
        var pieces = [Array(Self.rows.utf8)]
        return try OrderHistory.read { pieces.popLast() }
    }

    func replay(
        _ history: OrderHistory, stock: StockPlan = .exact, settle: Duration = .seconds(20),
        attempt: Duration = .seconds(10), invoicesMax: Int? = nil
    ) async throws -> ReplayReport {
        try await stub.serve { address in
            try await address.withClient(attempt: attempt) { client in
                let options = Replay.Options(
                    stock: stock, concurrency: 4, settleLimit: settle, invoicesMax: invoicesMax)
                return try await Replay(history: history, options: options, client: client, status: StatusLine()).run()
            }
        }
    }

    @Test func everySalesInvoiceBecomesOneOrderAndTheStockIsUsedUp() async throws {
        let report = try await replay(history())
        #expect(
            (report.ordersPlaced, report.ordersRefused, report.ordersFailed, report.ordersFulfilled) == (3, 0, 0, 3))
        #expect((report.lines, report.units, report.valueMinor) == (5, 20, Self.value))
        #expect((report.invoicesSkipped, report.rowsRejected, report.requestsRetried) == (2, 1, 0))
        #expect(report.reconciliation.agrees)
        #expect((report.reconciliation.unitsReceived, report.reconciliation.unitsOnHand) == (20, 0))
        #expect(report.succeeded)
        #expect(report.latencyMs.max > 0)
        #expect(await stub.onHand == ["A": 0, "B": 0, "Z/1": 0])
        #expect(await stub.customers == ["12431", "guest-3", "12500"])
    }

    @Test func aShortPlanLeavesOrdersRefusedAndTheBooksBalanced() async throws {
        let report = try await replay(history(), stock: .short(millionths: 900_000))
        #expect(report.ordersRefused > 0)
        #expect(report.ordersPlaced + report.ordersRefused == 3)
        #expect(report.reconciliation.unitsReceived == 9 + 9)
        #expect(report.reconciliation.unitsOnHand == 18 - report.units)
        #expect(report.succeeded)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: OrderHistoryTests.realFile)))
    func theWholeRealHistoryIsSold() async throws {
        let report = try await replay(OrderHistory.read(path: OrderHistoryTests.realFile), settle: .seconds(120))
        #expect((report.ordersPlaced, report.ordersRefused, report.ordersFailed) == (1_942, 0, 0))
        #expect((report.valueMinor, report.lines, report.units) == (164_146_246, 44_999, 927_162))
        #expect((report.invoicesSkipped, report.rowsRejected) == (464, 0))
        #expect(report.reconciliation.unitsReceived == 927_162)
        #expect(report.succeeded)
        let onHand = await stub.onHand
        #expect(onHand.count == 2_807)
        #expect(onHand.values.allSatisfy { $0 == 0 })
    }

    @Test func runningItAgainChangesNothing() async throws {
        let first = try await replay(history())
        let second = try await replay(history())
        #expect(second.ordersPlaced == 3)
        #expect(second.valueMinor == first.valueMinor)
        #expect(second.succeeded)
        #expect(await stub.orders.count == 3)
        #expect(await stub.received == ["A": 10, "B": 10])
    }

    @Test(arguments: [StockPlan.exact, .short(millionths: 900_000)])
    func aReplayOfMoreInvoicesGoesOnFromOneOfFewer(stock: StockPlan) async throws {
        for limit in [1, 2] {
            let part = try await replay(history(), stock: stock, invoicesMax: limit)
            #expect(part.succeeded, "\(part.failures)")
        }
        let whole = try await replay(history(), stock: stock)
        #expect(whole.succeeded, "\(whole.failures)")
        #expect(await stub.received == (stock == .exact ? ["A": 10, "B": 10] : ["A": 9, "B": 9]))
    }

    @Test func lostAnswersAreAskedForAgainAndCounted() async throws {
        await stub.set { $0.faults["/orders"] = [.loseAnswer, .refuse(status: 503, retryAfter: 0)] }
        let report = try await replay(history(), attempt: .milliseconds(500))
        #expect(report.ordersPlaced == 3)
        #expect(report.requestsRetried >= 2)
        #expect(await stub.orders.count == 3)
        #expect(report.succeeded)
    }

    @Test func anOpenOrderIsLookedAtUntilItSettles() async throws {
        await stub.set { $0.answersOpen = true }
        let report = try await replay(history())
        #expect((report.ordersPlaced, report.valueMinor) == (3, Self.value))
        #expect(report.succeeded)
    }

    @Test func anOrderThatFailsIsNamedAndTheReplayGoesOn() async throws {
        await stub.set { $0.faults["/orders"] = [.refuse(status: 422, retryAfter: nil)] }
        let report = try await replay(history())
        #expect((report.ordersPlaced, report.ordersFailed) == (2, 1))
        #expect(report.failures.contains { $0.contains("422 busy") })
        #expect(!report.succeeded)
    }

    @Test func ordersThatAreNeverFulfilledAreNamed() async throws {
        await stub.set { $0.neverFulfils = true }
        let report = try await replay(history(), settle: .milliseconds(300))
        #expect((report.ordersPlaced, report.ordersFulfilled) == (3, 0))
        #expect(report.failures.contains("order ord_0 is not fulfilled: it is PAID"))
        #expect(!report.succeeded)
    }

    @Test func stockThatDoesNotAddUpIsNamed() async throws {
        let history = try history()
        let stub = stub
        _ = try await replay(history)
        await stub.set { $0.onHand["A"] = 7 }
        let report = try await replay(history)
        #expect(report.reconciliation.skusOff == 1)
        #expect(report.failures == ["A: 7 on hand and 0 reserved, expected 0 and 0"])
        #expect(!report.succeeded)
    }

    @Test func theJSONHasTheNamesThatCallersRelyOn() async throws {
        let json = try await replay(history()).json()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let names = [
            "orders_placed", "orders_refused", "orders_failed", "requests_retried", "invoices_skipped", "rows_rejected",
            "lines", "units", "value_minor", "duration_seconds", "latency_ms",
        ]
        for name in names { #expect(object[name] != nil, "\(name)") }
        let latency = try #require(object["latency_ms"] as? [String: Any])
        #expect(Set(latency.keys) == ["p50", "p99", "p999", "max"])
    }

    @Test func stockPlansAreReadAndRoundDown() {
        #expect(StockPlan("exact") == .exact)
        #expect(StockPlan("short:0.9") == .short(millionths: 900_000))
        #expect(StockPlan("short:1.1") == nil)
        #expect(StockPlan("short:") == nil)
        #expect(StockPlan("short") == nil)
        let plan = StockPlan.short(millionths: 900_000)
        #expect([1, 9, 10, 11, 1_000].map(plan.units) == [0, 8, 9, 9, 900])
        #expect(StockPlan.exact.units(forSold: 7) == 7)
    }
}
