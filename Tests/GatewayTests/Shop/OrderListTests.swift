import Checkout
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Lists of orders over HTTP", .timeLimit(.minutes(10)))
struct OrderListTests {
    /// The ids on all pages, and how many pages there were.
    static func follow(
        _ fixture: ShopFixture, _ path: String, token: String
    ) async throws -> (ids: [String], pages: Int) {
        var ids: [String] = []
        var pages = 0
        var cursor: String?
        repeat {
            let page = try await fixture.send(.get, path + (cursor.map { "&cursor=\($0)" } ?? ""), token: token)
            try #require(page.status == 200, "\(page.text)")
            ids += page.data.compactMap { $0["id"] as? String }
            cursor = page.json["next_cursor"] as? String
            pages += 1
        } while cursor != nil && pages < 200
        return (ids, pages)
    }

    @Test("following the cursor meets every match of a filter once", arguments: [1, 3])
    func filters(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 1_000)
            let staff = try await fixture.token(.staff)
            let customer = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 9)
            let token = try await fixture.token(.customer, subject: customer)
            var placed: [String] = []
            for _ in 0..<60 {
                let order = try await OrderRouteTests.place(
                    fixture, #"{"items":[{"sku":"A","quantity":1}]}"#, token: token)
                try #require(order.status == 201, "\(order.text)")
                placed.append(order.string("id"))
            }
            for id in placed.suffix(3) {
                #expect(try await fixture.send(.post, "/orders/\(id)/cancel", token: token).status == 200)
            }
            let paid = Array(placed.dropLast(3).reversed())
            let cancelled = Array(placed.suffix(3).reversed())
            #expect(try await Self.follow(fixture, "/orders?limit=60", token: token).pages == 1)
            #expect(try await Self.follow(fixture, "/orders?limit=57&status=PAID", token: token).pages == 1)
            for limit in [1, 7, 47, 50, 57, 60, 200] {
                for (path, token) in [
                    ("/orders?limit=\(limit)", token), ("/orders?limit=\(limit)", staff),
                    ("/orders?limit=\(limit)&customer_id=\(customer)", staff),
                ] {
                    #expect(try await Self.follow(fixture, path, token: token).ids == placed.reversed(), "\(path)")
                    #expect(try await Self.follow(fixture, path + "&status=PAID", token: token).ids == paid, "\(path)")
                    #expect(
                        try await Self.follow(fixture, path + "&status=CANCELLED", token: token).ids == cancelled,
                        "\(path)")
                    #expect(try await Self.follow(fixture, path + "&status=SHIPPED", token: token).ids.isEmpty)
                }
            }
        }
    }
}
