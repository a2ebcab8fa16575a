import Commerce
import EventSourcing
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Counts of orders over HTTP", .timeLimit(.minutes(10)))
struct OrderStatisticsTests {
    @Test("what became of orders is counted by hour and by day, at once", arguments: [1, 3])
    func counts(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            let staff = try await fixture.token(.staff)
            let empty = try await fixture.send(.get, "/statistics/orders", token: staff)
            #expect(empty.status == 200 && empty.data.count >= 24, "\(empty.text)")
            #expect(empty.data.allSatisfy { $0["placed"] as? Int == 0 })
            try await OrderRouteTests.stock(fixture, "A", price: 150, units: 3)
            let order = #"{"items":[{"sku":"A","quantity":QUANTITY}],"payment_method":METHOD}"#
            func place(_ quantity: Int, _ method: String = "null") async throws -> Reply {
                try await OrderRouteTests.place(
                    fixture,
                    order.replacing("QUANTITY", with: "\(quantity)").replacing("METHOD", with: method),
                    token: fixture.token(.customer))
            }
            let paid = try await place(2)
            #expect(paid.status == 201, "\(paid.text)")
            #expect(try await place(9).status == 409)
            let declined = try await place(1, #""pm_decline""#)
            #expect(declined.status == 402, "\(declined.text)")
            for by in ["hour", "day"] {
                let reply = try await fixture.send(.get, "/statistics/orders?by=\(by)", token: staff)
                let last = try #require(reply.data.last)
                let numbers = ["placed", "paid", "refused", "declined", "payment_failed", "cancelled"].map { name in
                    reply.data.reduce(0) { $0 + ($1[name] as? Int ?? 0) }
                }
                #expect(numbers == [3, 1, 1, 1, 0, 0], "\(reply.text)")
                let revenue = reply.data.flatMap { $0["revenue"] as? [[String: Any]] ?? [] }
                #expect(revenue.map { $0["amount"] as? Int } == [300], "\(last)")
            }
        }
    }

    @Test("orders of before it was first asked are counted")
    func before() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", price: 150, units: 3)
            let order = #"{"items":[{"sku":"A","quantity":2}]}"#
            let paid = try await OrderRouteTests.place(fixture, order, token: fixture.token(.customer))
            #expect(paid.status == 201, "\(paid.text)")
            let reply = try await fixture.send(.get, "/statistics/orders", token: fixture.token(.staff))
            #expect(reply.data.reduce(0) { $0 + ($1["paid"] as? Int ?? 0) } == 1, "\(reply.text)")
        }
    }

    @Test("a month is the most that is asked for, and only staff ask")
    func refused() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            for query in [
                "from=yesterday", "by=minute", "from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z",
                "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to=2026-02-30T00:00:00Z",
                "to=2026-01-01T24:00:00Z", "to=2026-01-01T01:60:00Z", "to=12026-01-01T00:00:00Z",
            ] {
                let reply = try await fixture.send(.get, "/statistics/orders?\(query)", token: staff)
                #expect(reply.status == 422, "\(query)")
            }
            let month = "from=2026-01-01T01:00:00+01:00&to=2026-01-31T12:00:00Z&by=day"
            let reply = try await fixture.send(.get, "/statistics/orders?\(month)", token: staff)
            #expect(reply.status == 200 && reply.data.count == 31, "\(reply.text)")
            #expect(reply.data.first?["from"] as? String == "2026-01-01T00:00:00.000000Z")
            let small = "from=2026-01-01t00:00:00z&to=2026-01-01t02:00:00%2B01:00"
            let lower = try await fixture.send(.get, "/statistics/orders?\(small)", token: staff)
            #expect(lower.status == 200 && lower.data.count == 1, "\(lower.text)")
        }
    }
}
