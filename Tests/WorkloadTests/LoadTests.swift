import Foundation
import NIOCore
import Testing

@testable import Workload

@Suite struct LoadScheduleTests {
    @Test func anOpenLoadStartsRequestsAtFixedMomentsWhateverTheServerDoes() {
        var schedule = LoadSchedule(pace: .open(perSecond: 4), duration: .seconds(1))
        #expect(schedule.total == 4)
        #expect(schedule.next(at: 0) == .start(intended: 0))
        #expect(schedule.next(at: 0) == .wait(until: 250_000_000))
        // A stall: all that became due meanwhile keeps its own moment.
        #expect(schedule.next(at: 800_000_000) == .start(intended: 250_000_000))
        #expect(schedule.next(at: 800_000_000) == .start(intended: 500_000_000))
        #expect(schedule.next(at: 800_000_000) == .start(intended: 750_000_000))
        #expect(schedule.next(at: 5_000_000_000) == .finished)
    }

    @Test func whatIsLeftOfAnOpenLoadIsAbandonedOnce() {
        var schedule = LoadSchedule(pace: .open(perSecond: 3), duration: .seconds(1))
        #expect(schedule.next(at: 0) == .start(intended: 0))
        #expect([schedule.abandon(), schedule.abandon(), schedule.abandon()] == [333_333_333, 666_666_666, nil])
    }

    @Test func aClosedLoadStartsWheneverAConnectionIsFree() {
        var schedule = LoadSchedule(pace: .closed, duration: .seconds(1))
        #expect(schedule.total == nil)
        #expect(schedule.next(at: 7) == .start(intended: 7))
        #expect(schedule.next(at: 8) == .start(intended: 8))
        #expect(schedule.next(at: 1_000_000_000) == .finished)
    }
}

@Suite struct LoadGeneratorTests {
    func load(
        _ pace: LoadPlan.Pace, for duration: Duration, connections: Int = 4, limit: Duration = .seconds(60),
        at addresses: GatewayAddress...
    ) async throws -> BenchReport {
        let plan = LoadPlan(pace: pace, duration: duration, connections: connections, requestLimit: limit)
        let requests = LoadRequests(
            kind: .orders(skus: 10), token: "token", customers: 0, seed: 7)
        return try await LoadGenerator.run(plan: plan, requests: requests, addresses: addresses)
    }

    /// The server stands still for a second in a load of two: half of all requests were due in that second, and waited
    /// half a second on average. A client that counts from when it sent sees four slow requests, one per connection.
    @Test func aStalledServerShowsInTheLatencyFromTheIntendedStart() async throws {
        let report = try await StubServer.serve {
            $0 == 200 ? .freeze(.seconds(1)) : .answer(status: 201)
        } _: { address in
            try await load(.open(perSecond: 500), for: .seconds(2), at: address)
        }
        #expect((report.attempted, report.succeeded, report.failed) == (1000, 1000, 0))
        #expect(report.latencyMs.max >= 950)
        #expect(report.latencyMs.p999 >= 900)
        #expect(report.latencyMs.p99 >= 800)
    }

    @Test func aGatewayThatIsNotThereIsNamed() async throws {
        let port = try await StubServer.serve { _ in .ignore } _: { $0.port }
        let address = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
        await #expect(throws: GatewayFault.unreachable(url: "\(address)", reason: "connection refused")) {
            try await load(.closed, for: .seconds(1), at: address)
        }
    }

    @Test func anOpenLoadSendsWhatItIntended() async throws {
        let report = try await StubServer.serve {
            .answer(status: [200, 201, 409, 429, 503, 500, 422][$0 % 7])
        } _: {
            try await load(.open(perSecond: 700), for: .seconds(1), at: $0)
        }
        #expect((report.attempted, report.succeeded, report.refused, report.failed) == (700, 200, 300, 200))
        #expect(
            report.statuses == ["200": 100, "201": 100, "409": 100, "429": 100, "503": 100, "500": 100, "422": 100])
        #expect((report.rateIntended, report.connections, report.unsent) == (700, 4, 0))
        #expect(report.refusalMs.p50 > 0 && report.refusalMs.max <= report.latencyMs.max)
    }

    @Test func aClosedLoadEndsWithItsTime() async throws {
        let report = try await StubServer.serve { _ in
            .answer(status: 201)
        } _: {
            try await load(.closed, for: .milliseconds(300), at: $0)
        }
        #expect(report.succeeded > 4)
        #expect((report.failed, report.rateIntended, report.refusalMs.max) == (0, nil, 0))
        #expect(report.rateAchieved > 0)
    }

    @Test func aLostConnectionFailsItsRequestAndIsOpenedAgain() async throws {
        let report = try await StubServer.serve {
            $0 % 20 == 0 ? .hangUp : .answer(status: 201)
        } _: {
            try await load(.open(perSecond: 200), for: .seconds(1), at: $0)
        }
        #expect((report.attempted, report.failed, report.succeeded) == (200, 10, 190))
    }

    @Test func aServerThatNeverAnswersEndsTheLoadAndEverythingCounts() async throws {
        let report = try await StubServer.serve { _ in
            .ignore
        } _: {
            try await load(
                .open(perSecond: 100), for: .milliseconds(500), connections: 2, limit: .milliseconds(300), at: $0)
        }
        #expect((report.attempted, report.failed, report.succeeded) == (50, 50, 0))
        #expect(report.unsent > 0)
        #expect(report.latencyMs.max >= 500)
    }

    @Test func aServerThatIsNotThereIsAnError() async throws {
        let port = try await StubServer.serve { _ in
            .ignore
        } _: {
            $0.port
        }
        let address = try #require(GatewayAddress("http://127.0.0.1:\(port)"))
        await #expect(throws: (any Error).self) { try await load(.closed, for: .seconds(1), at: address) }
    }

    @Test func ordersHaveTwoLinesOnDifferentSKUsAndKeysOfTheirOwn() throws {
        let node = LoadRequest.Node(try #require(GatewayAddress("http://h:1/base")))
        var requests = LoadRequests(kind: .orders(skus: 3), token: "t", customers: 5, seed: 1)
        var keys: Set<String> = []
        var skus: Set<String> = []
        for _ in 0..<100 {
            let request = requests.next()
            let parts = String(buffer: request.bytes(to: node)).components(separatedBy: "\r\n\r\n")
            #expect(parts.count == 2)
            let lines = parts[0].components(separatedBy: "\r\n")
            #expect(lines[0] == "POST /base/api/v1/orders HTTP/1.1" && lines[1] == "Host: h:1")
            #expect(lines.contains("Authorization: Bearer t"))
            #expect(lines.contains("Content-Length: \(parts[1].utf8.count)"))
            keys.insert(try #require(lines.first { $0.hasPrefix("Idempotency-Key: ") }))
            let json = try JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any]
            #expect((json?["customer_reference"] as? String)?.hasPrefix("bench-") == true)
            let items = try #require(json?["items"] as? [[String: Any]])
            let pair = items.compactMap { $0["sku"] as? String }
            #expect(Set(pair).count == 2)
            skus.formUnion(pair)
        }
        #expect(keys.count == 100)
        #expect(skus == ["BENCH-000001", "BENCH-000002", "BENCH-000003"])
    }
}

@Suite struct BenchTests {
    let stub = StubGateway()

    func bench<Result: Sendable>(_ body: @escaping @Sendable (Bench) async throws -> Result) async throws -> Result {
        try await stub.serve { address in
            let tokens = try TokenFile(path: tokenFile("token-1"))
            return try await GatewayClient.with(
                addresses: [address], tokens: tokens, patience: .init(limit: .seconds(20)), connections: 4
            ) { try await body(Bench(client: $0, tokens: tokens)) }
        }
    }

    @Test func preparingTwiceCreatesNothingTwice() async throws {
        let created = try await bench { bench in
            [
                try await bench.prepare(skus: 1_234, status: StatusLine()),
                try await bench.prepare(skus: 1_234, status: StatusLine()),
            ]
        }
        #expect(created == [1_234, 0])
        let onHand = await stub.onHand
        #expect(onHand.count == 1_234)
        #expect(onHand["BENCH-001234"] == 1_000_000_000)
    }

    @Test(arguments: [Bench.Kind.orders, .hotSKU, .reads])
    func everyBenchmarkRunsAgainstWhatWasPrepared(kind: Bench.Kind) async throws {
        // Answers of a machine that is busy elsewhere are late, and all of them count.
        let plan = LoadPlan(
            pace: .open(perSecond: 100), duration: .milliseconds(500), connections: 4, requestLimit: .seconds(60))
        let report = try await bench { bench in
            _ = try await bench.prepare(skus: 100, status: StatusLine())
            return try await bench.run(kind, plan: plan, customers: 0)
        }
        #expect(report.attempted == 50)
        #expect(report.statuses == (kind == .reads ? ["200": 50] : ["201": 50]))
        if kind == .hotSKU { #expect(await stub.onHand["BENCH-000001"] == 1_000_000_000 - 150) }
    }

    @Test func withoutPreparationItSaysSo() async throws {
        for kind in [Bench.Kind.orders, .hotSKU, .reads] {
            await #expect(throws: BenchFault.notPrepared) {
                _ = try await bench {
                    try await $0.run(
                        kind, plan: LoadPlan(pace: .closed, duration: .seconds(1), connections: 1), customers: 0)
                }
            }
        }
    }

    @Test func theJSONHasTheNamesThatCallersRelyOn() throws {
        let json = try BenchReport().json()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        for name in [
            "attempted", "succeeded", "refused", "failed", "duration_seconds", "rate_achieved", "latency_ms",
            "refusal_ms",
        ] {
            #expect(object[name] != nil, "\(name)")
        }
    }
}
