import Commerce
import EventSourcing
import Foundation
import Testing

@testable import Gateway

@Suite("The past over HTTP", .timeLimit(.minutes(10)))
struct PastTests {
    /// A moment that the next change comes behind.
    private static func moment() async throws -> String {
        let moment = ShopFixture.now()
        while ShopFixture.now() <= moment { await Task.yield() }
        return moment.rfc3339
    }

    /// A moment that is yet to come.
    private static func ahead(_ duration: Duration) -> String { (ShopFixture.now() + duration).rfc3339 }

    @Test("shows an order as it was at each moment of its life")
    func order() async throws {
        try await ShopFixture.run { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let (token, staff) = (try await fixture.token(.customer), try await fixture.token(.staff))
            let before = try await Self.moment()
            let id = try await OrderRouteTests.fulfilled(
                fixture, #"{"items":[{"sku":"A","quantity":2}]}"#, token: token)
            let fulfilled = try await Self.moment()
            let shipped = try await fixture.send(.post, "/orders/\(id)/ship", #"{"tracking":"T1"}"#, token: staff)
            #expect(shipped.status == 200, "\(shipped.text)")
            let now = try await Self.moment()
            func status(_ moment: String, _ token: String) async throws -> String {
                let answer = try await fixture.send(.get, "/orders/\(id)?at=\(moment)", token: token)
                return answer.status == 200 ? answer.string("status") : "\(answer.status)"
            }
            #expect(try await status(before, token) == "404")
            #expect(try await status(fulfilled, token) == "FULFILLED")
            #expect(try await status(now, token) == "SHIPPED")
            #expect(try await status(Self.ahead(.seconds(30)), staff) == "SHIPPED", "a clock that is ahead")
            #expect(try await status(now, try await fixture.token(.customer)) == "404")
            let future = try await fixture.send(.get, "/orders/\(id)?at=2999-01-01T00:00:00+01:00", token: staff)
            #expect(future.status == 422 && future.text.contains("is yet to come"), "\(future.text)")
            for moment in ["", "yesterday", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z"] {
                #expect(
                    try await status(moment.replacing(" ", with: "%20"), token) == "422", "\(moment)")
            }
        }
    }

    @Test("shows staff the stock of a SKU as it was, and no one else")
    func stock() async throws {
        try await ShopFixture.run { fixture in
            let before = try await Self.moment()
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let staff = try await fixture.token(.staff)
            let nine = try await Self.moment()
            _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":3}"#, token: staff)
            func stock(_ moment: String, _ token: String?) async throws -> Reply {
                try await fixture.send(.get, "/inventory/A?at=\(moment)", token: token)
            }
            #expect(try await stock(before, staff).status == 404)
            #expect(try await stock(nine, staff).json["on_hand"] as? Int == 9)
            #expect(try await stock(try await Self.moment(), staff).json["on_hand"] as? Int == 12)
            #expect(try await stock(Self.ahead(.seconds(3_600)), staff).status == 422)
            #expect(try await stock(nine, try await fixture.token(.customer)).status == 403)
            #expect(try await stock(nine, nil).status == 401)
        }
    }

    @Test("is gone where retention has not kept it")
    func gone() async throws {
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: .hasty) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let staff = try await fixture.token(.staff)
            let nine = try await Self.moment()
            var products = 0
            // Not by asking for the SKU itself: one that is asked for stays in memory with what it was last.
            func movements() async throws -> Int? {
                let page = try await fixture.send(.get, "/inventory/A/movements", token: staff)
                return (page.json["data"] as? [Any])?.count
            }
            while try await movements() != 0 {
                // The search index gives up what it has seen when it is told of a product, and the log what it told of.
                _ = try await fixture.send(.post, "/products", ProductRouteTests.form("B-\(products)"), token: staff)
                products += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await fixture.send(.get, "/inventory/A?at=\(nine)", token: staff).status == 410)
            let later = try await fixture.send(.get, "/inventory/A?at=\(Self.ahead(.seconds(30)))", token: staff)
            #expect(later.json["on_hand"] as? Int == 9, "\(later.text)")
        }
    }

    @Test("is read from any form that RFC 3339 gives a moment")
    func moments() {
        let same = ["2026-11-29T10:00:00.5Z", "2026-11-29t10:00:00.500000z", "2026-11-29T11:30:00.5+01:30"]
        for text in same { #expect(Timestamp(rfc3339: text)?.rfc3339 == "2026-11-29T10:00:00.500000Z", "\(text)") }
        for text in ["1969-12-31T23:59:59.999999Z", "0000-03-01T00:00:00.000000Z", "2024-02-29T12:00:00.000001Z"] {
            #expect(Timestamp(rfc3339: text)?.rfc3339 == text)
        }
        for text in ["2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-29T10:00:00", "2026-11-29", "x"] {
            #expect(Timestamp(rfc3339: text) == nil, "\(text)")
        }
    }
}
